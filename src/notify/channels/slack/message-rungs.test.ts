import { expect, test } from 'vitest'
import { sampleMessage } from '../sample-incident-message.ts'
import { metadataOfDigest, RUNGS } from './message-rungs.ts'
import { templateOf } from './templates/template-of.ts'

const rungs = ['full', 'short', 'plain'] as const

test('every form calls whom the message calls, and nobody else', () => {
  const message = sampleMessage({
    incident: { title: '<!channel> @here' },
    message: {
      mentions: [
        { kind: 'person', id: 'U0ONCALL' },
        { kind: 'person', id: 'not an id' },
      ],
    },
  })
  for (const rung of rungs) expect(RUNGS[rung](templateOf()(message)).text).toMatch(/^<@U0ONCALL> 🚨 &lt;!channel&gt;/)
})

test('plain text fits into an edit, which takes 4,000 bytes, in every script', () => {
  const message = sampleMessage({ incident: { service: '결제서비스'.repeat(400), cluster: '운영'.repeat(900) } })
  const { text = '' } = RUNGS.plain(templateOf({ language: 'ko' })(message))
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_000)
  expect(text).toMatch(/^🚨 Database Critical Failure\nINC-1042 · 진행 중[\s\S]*…$/)
})

test('the poorer forms speak the language of the full one', () => {
  const rendered = templateOf({ language: 'ko', timeZone: 'Asia/Seoul' })(sampleMessage())
  expect(RUNGS.plain(rendered).text?.split('\n')).toEqual([
    '🚨 Database Critical Failure',
    'INC-1042 · 진행 중 (23:30 KST 이후)',
    '아직 담당자가 없습니다',
    '심각도: 심각',
    '환경: production',
    '서비스: database',
    '클러스터: production',
    '인스턴스: db01.example.com',
    '시작: 2024-01-15 23:30:25 KST',
    'env=production | alertname=DatabaseCriticalFailure',
  ])
})

test('a digest can be found again by its delivery', () => {
  expect(metadataOfDigest({ deliveryId: '01DIGEST' })).toEqual({
    event_type: 'nunchi_incident',
    event_payload: { delivery_id: '01DIGEST', purpose: 'digest' },
  })
})
