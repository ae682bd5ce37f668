import type { MessagePurpose } from '../../../channel.ts'
import type { MessageLanguage } from './template-options.ts'

/** What the messages of system 4 say. */
export interface CloudwatchWords {
  readonly timeZone: string
  readonly titlePrefix: string
  readonly footer: string
  /** mrkdwn: only escaped text may be filled in. */
  readonly changed: string
  readonly title: string
  readonly region: string
  readonly metric: string
  readonly threshold: string
  readonly time: string
  readonly reason: string
  readonly note: string
  readonly nameless: string
  readonly somebody: string
  /** mrkdwn likewise. Null: told as ALARM or OK. */
  readonly news: Readonly<Record<MessagePurpose, string | null>>
}

/** The Korean words are the contract of system 4. */
export const CLOUDWATCH_WORDS: Readonly<Record<MessageLanguage, CloudwatchWords>> = {
  ko: {
    timeZone: 'Asia/Seoul',
    titlePrefix: 'OTT 인프라 감지',
    footer: 'OTT 플랫폼 통합 관제 시스템',
    changed: '{icon} *[{prefix}]* 상태가 *{state}*로 변경되었습니다.',
    title: '경보 상세: {name}',
    region: '대상 리전',
    metric: '감시 메트릭',
    threshold: '임계치',
    time: '발생 시간',
    reason: '상세 사유',
    note: '메모',
    nameless: '이름 없는 경보',
    somebody: '누군가',
    news: {
      firing: null,
      resolved: null,
      'fired-again': null,
      flapping: '⚡ *[{prefix}]* 경보가 해소와 발생을 반복하고 있습니다.',
      acknowledged: '👀 *[{prefix}]* {who} 님이 확인했습니다.',
      'severity-raised': '🔺 *[{prefix}]* 심각도가 상승했습니다: {severity}',
      escalated: '📣 *[{prefix}]* 에스컬레이션되었습니다.',
      note: '📝 *[{prefix}]* {who} 님이 메모를 남겼습니다.',
    },
  },
  en: {
    timeZone: 'UTC',
    titlePrefix: 'Infrastructure watch',
    footer: 'Nunchi',
    changed: '{icon} *[{prefix}]* The state changed to *{state}*.',
    title: 'Alarm details: {name}',
    region: 'Region',
    metric: 'Metric',
    threshold: 'Threshold',
    time: 'Time',
    reason: 'Reason',
    note: 'Note',
    nameless: 'Alarm without a name',
    somebody: 'somebody',
    news: {
      firing: null,
      resolved: null,
      'fired-again': null,
      flapping: '⚡ *[{prefix}]* The alarm clears and fires again and again.',
      acknowledged: '👀 *[{prefix}]* Acknowledged by {who}.',
      'severity-raised': '🔺 *[{prefix}]* The severity was raised to {severity}.',
      escalated: '📣 *[{prefix}]* Escalated.',
      note: '📝 *[{prefix}]* Note of {who}.',
    },
  },
}
