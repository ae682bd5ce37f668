import { expect, test } from 'vitest'
import { type SampleChanges, sampleMessage, sampleResolution } from '../../sample-incident-message.ts'
import { RUNGS } from '../message-rungs.ts'
import { templateOf } from './template-of.ts'

const STARTED_AT = Date.UTC(2024, 0, 12, 7, 30, 0)

/** The alarm of the requirement, as an incident. */
const ALARM: SampleChanges = {
  incident: { title: 'OTT-DB-CPU-Utilization-High', startedAt: STARTED_AT, openedAt: 1_705_065_000_000, labels: {} },
  alert: {
    title: 'OTT-DB-CPU-Utilization-High',
    labels: { AlarmName: 'OTT-DB-CPU-Utilization-High', Region: 'ap-northeast-2', MetricName: 'CPUUtilization' },
    annotations: { threshold: '80.0', NewStateReason: 'Threshold Crossed: ...' },
    startsAt: STARTED_AT,
  },
}
const ko = templateOf({ preset: 'cloudwatch-ko' })
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false }

test('ALARM is exactly the message of system 4', () => {
  expect(RUNGS.full(ko(sampleMessage(ALARM)))).toEqual({
    text: '🚨 *[OTT 인프라 감지]* 상태가 *ALARM*로 변경되었습니다.',
    attachments: [
      {
        color: '#eb4034',
        title: '경보 상세: OTT-DB-CPU-Utilization-High',
        fields: [
          { title: '대상 리전', value: 'ap-northeast-2', short: true },
          { title: '감시 메트릭', value: 'CPUUtilization', short: true },
          { title: '임계치', value: '80%', short: true },
          { title: '발생 시간', value: '2024-01-12 16:30:00 KST', short: true },
          { title: '상세 사유', value: 'Threshold Crossed: ...', short: false },
        ],
        footer: 'OTT 플랫폼 통합 관제 시스템',
        ts: 1_705_065_000,
      },
    ],
    ...NO_PREVIEWS,
  })
})

test('OK is green, with the time of the recovery', () => {
  const endsAt = STARTED_AT + 600_000
  const over = sampleResolution({
    incident: { ...ALARM.incident, resolvedAt: endsAt + 5_000 },
    alert: { ...ALARM.alert, endsAt },
  })
  const { text, attachments } = RUNGS.full(ko(over))
  expect(text).toBe('✅ *[OTT 인프라 감지]* 상태가 *OK*로 변경되었습니다.')
  expect(attachments?.[0]).toMatchObject({
    color: '#2eb886',
    fields: [{}, {}, {}, { value: '2024-01-12 16:40:00 KST' }, {}],
    ts: Math.floor((endsAt + 5_000) / 1_000),
  })
})

test('prefix, footer, zone and language are configuration', () => {
  const template = templateOf({ preset: 'cloudwatch-en', titlePrefix: 'Team A', footer: 'Ops', timeZone: 'Asia/Seoul' })
  const { text, attachments } = RUNGS.full(template(sampleMessage(ALARM)))
  expect(text).toBe('🚨 *[Team A]* The state changed to *ALARM*.')
  expect(attachments?.[0]).toMatchObject({
    title: 'Alarm details: OTT-DB-CPU-Utilization-High',
    fields: [{ title: 'Region' }, {}, {}, { value: '2024-01-12 16:30:00 KST' }, {}],
    footer: 'Ops',
  })
})

test('an alert of Alertmanager is told as well, with what stands nearest to each field', () => {
  const { attachments } = RUNGS.full(ko(sampleMessage()))
  expect(attachments?.[0]).toMatchObject({
    title: '경보 상세: DatabaseCriticalFailure',
    fields: [
      { value: 'production' },
      { value: 'DatabaseCriticalFailure' },
      { value: '-' },
      { value: '2024-01-15 23:30:25 KST' },
      { value: 'MySQL connection completely failed. Immediate action required.' },
    ],
  })
})

test('an address in a reason is no link, because clients make links of what attachments of the old kind hold', () => {
  const annotations = { NewStateReason: 'see https://evil.example' }
  const { attachments } = RUNGS.full(ko(sampleMessage({ ...ALARM, alert: { ...ALARM.alert, annotations } })))
  expect(JSON.stringify(attachments)).not.toContain('https://')
})

test('the poorer forms tell the same in the same language', () => {
  expect(RUNGS.plain(ko(sampleMessage(ALARM))).text).toBe(
    [
      '🚨 [OTT 인프라 감지] ALARM — OTT-DB-CPU-Utilization-High',
      '대상 리전: ap-northeast-2',
      '감시 메트릭: CPUUtilization',
      '임계치: 80%',
      '발생 시간: 2024-01-12 16:30:00 KST',
      '상세 사유: Threshold Crossed: ...',
    ].join('\n'),
  )
})
