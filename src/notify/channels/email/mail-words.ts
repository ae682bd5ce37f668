import type { AlertLinks } from '../../../domain/alert-event.ts'
import type { Severity } from '../../../domain/severity.ts'
import type { MessagePurpose } from '../../channel.ts'

export type MailLanguage = 'en' | 'ko'

/** The words of Nunchi itself in a mail. What senders wrote is not translated. */
export interface MailWords {
  readonly news: Readonly<Record<MessagePurpose, string>>
  readonly severities: Readonly<Record<Severity, string>>
  readonly links: Readonly<Record<keyof AlertLinks | 'page', string>>
  readonly severity: string
  readonly service: string
  readonly cluster: string
  readonly namespace: string
  readonly instance: string
  readonly environment: string
  readonly alerts: string
  readonly owner: string
  readonly started: string
  readonly acknowledged: string
  readonly resolved: string
  readonly raised: (from: string, to: string) => string
  readonly firingOf: (firing: number, total: number) => string
  readonly flapped: (count: number) => string
  readonly by: (time: string, name: string) => string
  readonly andMore: (count: number) => string
  readonly footer: (environment: string) => string
}

export const MAIL_WORDS: Readonly<Record<MailLanguage, MailWords>> = {
  en: {
    news: {
      firing: 'Firing',
      resolved: 'Resolved',
      'fired-again': 'Firing again',
      flapping: 'Flapping',
      acknowledged: 'Acknowledged',
      'severity-raised': 'Severity raised',
      escalated: 'Escalated',
      note: 'Note',
    },
    severities: {
      critical: 'Critical',
      error: 'Error',
      warning: 'Warning',
      info: 'Info',
      debug: 'Debug',
      success: 'Success',
    },
    links: {
      page: 'Incident',
      runbook: 'Runbook',
      dashboard: 'Dashboard',
      panel: 'Panel',
      generator: 'Rule',
      silence: 'Silence',
      image: 'Image',
    },
    severity: 'Severity',
    service: 'Service',
    cluster: 'Cluster',
    namespace: 'Namespace',
    instance: 'Instance',
    environment: 'Environment',
    alerts: 'Alerts',
    owner: 'Owner',
    started: 'Started',
    acknowledged: 'Acknowledged',
    resolved: 'Resolved',
    raised: (from, to) => `${from} → ${to}`,
    firingOf: (firing, total) => `${firing} of ${total} firing`,
    flapped: (count) => `It cleared and fired again ${count === 1 ? 'once' : `${count} times`}.`,
    by: (time, name) => `${time}, ${name}`,
    andMore: (count) => `and ${count} more`,
    footer: (environment) => `Sent by Nunchi (${environment}). Nobody reads replies to this mail.`,
  },
  ko: {
    news: {
      firing: '발생 중',
      resolved: '해결됨',
      'fired-again': '다시 발생',
      flapping: '발생과 해소 반복',
      acknowledged: '확인됨',
      'severity-raised': '심각도 상승',
      escalated: '에스컬레이션',
      note: '메모',
    },
    severities: { critical: '심각', error: '오류', warning: '경고', info: '정보', debug: '디버그', success: '정상' },
    links: {
      page: '인시던트',
      runbook: '런북',
      dashboard: '대시보드',
      panel: '패널',
      generator: '규칙',
      silence: '무음',
      image: '이미지',
    },
    severity: '심각도',
    service: '서비스',
    cluster: '클러스터',
    namespace: '네임스페이스',
    instance: '인스턴스',
    environment: '환경',
    alerts: '경보',
    owner: '담당자',
    started: '시작',
    acknowledged: '확인',
    resolved: '해결',
    raised: (from, to) => `${from} → ${to}`,
    firingOf: (firing, total) => `${total}개 중 ${firing}개 발생 중`,
    flapped: (count) => `해소와 발생이 ${count}번 반복되었습니다.`,
    by: (time, name) => `${time}, ${name} 님`,
    andMore: (count) => `외 ${count}개`,
    footer: (environment) => `Nunchi(${environment})가 보낸 메일입니다. 회신은 아무도 읽지 않습니다.`,
  },
}
