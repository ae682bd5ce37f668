import { describe, expect, test } from 'vitest'
import type { IncidentMessage, MessagePurpose } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { zonedClock } from '../zoned-clock.ts'
import { type MailStyle, mailContent } from './mail-content.ts'
import { mailHtml, mailText } from './render-mail.ts'

const ENGLISH: MailStyle = { language: 'en', clock: zonedClock('UTC'), subjectPrefix: '' }
const KOREAN: MailStyle = { language: 'ko', clock: zonedClock('Asia/Seoul'), subjectPrefix: '[운영]' }

const textOf = (message: IncidentMessage, style = ENGLISH): string => mailText(mailContent(message, style))
const htmlOf = (message: IncidentMessage, style = ENGLISH): string => mailHtml(mailContent(message, style))

test('a mail in English', () => {
  expect(textOf(sampleMessage())).toBe(`Firing: INC-1042
Database Critical Failure

Severity: Critical
Service: database
Cluster: production
Instance: db01.example.com
Started: 2024-01-15 14:30:25 UTC

  MySQL connection completely failed. Immediate action required.

Runbook: https://wiki.example.com/runbooks/database-failure

-- 
Sent by Nunchi (production). Nobody reads replies to this mail.
`)
})

test('a mail in Korean, in the time of its readers', () => {
  const resolvedBy = { id: 'minji', name: '민지' }
  expect(textOf(sampleResolution({ incident: { resolvedBy, alertCount: 3 } }), KOREAN)).toBe(`해결됨: INC-1042
Database Critical Failure

심각도: 심각
서비스: database
클러스터: production
경보: 3개 중 0개 발생 중
시작: 2024-01-15 23:30:25 KST
해결: 2024-01-15 23:40:30 KST, 민지 님

  MySQL connection completely failed. Immediate action required.

런북: https://wiki.example.com/runbooks/database-failure

-- 
Nunchi(production)가 보낸 메일입니다. 회신은 아무도 읽지 않습니다.
`)
  expect(mailContent(sampleResolution(), KOREAN).subject).toBe(
    'Re: [운영] [CRITICAL] INC-1042 Database Critical Failure',
  )
})

const headlines: readonly [purpose: MessagePurpose, english: string, korean: string][] = [
  ['firing', 'Firing', '발생 중'],
  ['resolved', 'Resolved', '해결됨'],
  ['fired-again', 'Firing again', '다시 발생'],
  ['flapping', 'Flapping', '발생과 해소 반복'],
  ['acknowledged', 'Acknowledged', '확인됨'],
  ['severity-raised', 'Severity raised', '심각도 상승'],
  ['escalated', 'Escalated', '에스컬레이션'],
  ['note', 'Note', '메모'],
]
for (const [purpose, english, korean] of headlines) {
  test(`${purpose} is told as ${english} and as ${korean}`, () => {
    const message = sampleMessage({ message: { purpose } })
    expect(mailContent(message, ENGLISH).headline).toBe(`${english}: INC-1042`)
    expect(mailContent(message, KOREAN).headline).toBe(`${korean}: INC-1042`)
  })
}

describe('what only some messages say', () => {
  test('a raised severity names both', () => {
    const message = sampleMessage({ message: { purpose: 'severity-raised', raisedFrom: 'warning' } })
    expect(textOf(message)).toContain('Severity: Warning → Critical')
  })

  test('a note is told with who wrote it and when, instead of the description', () => {
    const notes = [{ by: 'Minji', text: 'Rolling back\nto v211', at: Date.UTC(2024, 0, 15, 14, 35) }]
    const text = textOf(sampleMessage({ message: { purpose: 'note', notes } }))
    expect(text).toContain('  2024-01-15 14:35:00 UTC, Minji:\n  Rolling back\n  to v211\n')
    expect(text).not.toContain('MySQL connection')
  })

  test('flapping says how often', () => {
    const text = (flapCount: number) =>
      textOf(sampleMessage({ incident: { flapCount }, message: { purpose: 'flapping' } }))
    expect(text(1)).toContain('cleared and fired again once.')
    expect(text(4)).toContain('cleared and fired again 4 times.')
  })

  test('labels in which the alerts differ are listed, with how many more', () => {
    const differing = [{ name: 'pod', values: ['api-1', 'api-2'], more: 7 }]
    expect(textOf(sampleMessage({ message: { differing } }))).toContain('pod: api-1, api-2 and 7 more')
  })

  test('the page of the incident comes first among the links', () => {
    const text = textOf(sampleMessage({ message: { consoleUrl: 'https://nunchi.example.com/incidents/1' } }))
    expect(text).toContain('Incident: https://nunchi.example.com/incidents/1\nRunbook:')
  })
})

test('an impossible time is left out', () => {
  expect(textOf(sampleMessage({ incident: { startedAt: 9e18 } }))).not.toContain('Started')
})

test('the subject stays what it was when the severity falls, so that readers keep the thread', () => {
  const subjectOf = (changes: object) => mailContent(sampleMessage({ incident: changes }), ENGLISH).subject
  expect(subjectOf({ severity: 'info', peakSeverity: 'critical' })).toBe(subjectOf({}))
})

test('a subject is one line of at most 160 characters', () => {
  const { subject } = mailContent(sampleMessage({ incident: { title: `a\r\nBcc: x ${'🚨'.repeat(500)}` } }), ENGLISH)
  expect(subject).not.toMatch(/[\r\n]/)
  expect([...subject]).toHaveLength(160)
})

test('what a sender wrote cannot pass for a line of ours in the text', () => {
  const text = textOf(sampleMessage({ alert: { annotations: { description: 'a\nSeverity: debug\n-- \nb' } } }))
  expect(text.match(/^Severity: .*$/gm)).toEqual(['Severity: Critical'])
  expect(text.match(/^-- $/gm)).toHaveLength(1)
})

test('a link is shown with where it leads; what is no http(s) is no link', () => {
  const links = {
    runbook: 'https://evil.example/?q="><script>',
    dashboard: 'javascript:alert(1)',
    panel: 'https://user:pass@evil.example/',
  }
  const html = htmlOf(sampleMessage({ alert: { links } }))
  expect(html).toContain(
    '<a href="https://evil.example/?q=%22%3E%3Cscript%3E" rel="noopener noreferrer">Runbook</a> (evil.example)',
  )
  expect(html).not.toMatch(/javascript:|user:pass|<script/)
})

test('the HTML fetches nothing and leaves light and dark to its reader', () => {
  const html = htmlOf(sampleMessage())
  expect(html).toContain('<meta name="color-scheme" content="light dark">')
  expect(html).not.toMatch(/<(?:img|link|script|style|iframe)|url\(|(?<![-\w])(?:background|color):/)
})
