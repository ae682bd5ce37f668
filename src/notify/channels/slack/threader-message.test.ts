import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkMessage } from '../../../../test/support/fake-slack/block-rules.ts'
import { findLiveMarkup } from '../../../../test/support/fake-slack/live-markup.ts'
import { SEVERITIES } from '../../../domain/severity.ts'
import type { IncidentMessage, MessagePurpose } from '../../channel.ts'
import { sampleMessage, sampleResolution } from '../sample-incident-message.ts'
import { type MessageContent, metadataOf, RUNGS } from './message-rungs.ts'
import { slackMessageBody } from './slack-message-body.ts'
import { threaderTemplate } from './threader-message.ts'

const goldens: readonly [name: string, message: IncidentMessage][] = [
  ['critical', sampleMessage()],
  ['resolved', sampleResolution()],
  [
    'fired-again',
    sampleMessage({
      incident: { reopenCount: 1 },
      alert: { startsAt: Date.UTC(2024, 0, 15, 14, 45, 0) },
      message: { purpose: 'fired-again', thread: { id: '1705329025.000100', place: null } },
    }),
  ],
  [
    'flapping',
    sampleMessage({
      incident: { isFlapping: true, flapCount: 4 },
      message: { purpose: 'flapping', thread: { id: '1705329025.000100', place: null } },
    }),
  ],
  ['several-alerts', sampleMessage({ incident: { alertCount: 3, firing: { critical: 1, warning: 1 } } })],
  [
    'bare',
    sampleMessage({
      incident: { service: '', cluster: '', title: 'Watchdog', severity: 'info', environment: 'staging' },
      alert: { labels: {}, annotations: {}, links: {} },
    }),
  ],
]
for (const [name, message] of goldens) {
  test(`the ${name} message is as its golden file says`, async () => {
    await expect(`${JSON.stringify(slackMessageBody(message), null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`)
  })
}

/** What people read, line by line, with the marks of mrkdwn taken off. */
function readable(message: IncidentMessage): readonly string[] {
  const [attachment] = slackMessageBody(message).attachments ?? []
  const texts = attachment?.blocks.flatMap((block) => {
    if (block.type === 'context') return block.elements
    return block.type === 'header'
      ? [block.text]
      : [...(block.text === undefined ? [] : [block.text]), ...(block.fields ?? [])]
  })
  return (texts ?? []).flatMap(({ text }) =>
    text
      .replaceAll('*', '')
      .replace(/<[^|>]*\|([^>]*)>/g, '$1')
      .split('\n'),
  )
}

test('a new thread reads exactly as the requirement has it', () => {
  expect(readable(sampleMessage())).toEqual([
    '🚨 Database Critical Failure',
    'Severity: CRITICAL',
    'Environment: production',
    'Service: database',
    'Cluster: production',
    'Instance: db01.example.com',
    'Description:',
    'MySQL connection completely failed. Immediate action required.',
    'Runbook: View Runbook',
    'Started: 2024-01-15 14:30:25 UTC',
    'env=production | alertname=DatabaseCriticalFailure',
  ])
})

test('the resolution says the same with its own header and both times', () => {
  const firing = readable(sampleMessage())
  expect(readable(sampleResolution())).toEqual([
    '✅ RESOLVED — Database Critical Failure',
    ...firing.slice(1, -2),
    'Started: 2024-01-15 14:30:25 UTC | Resolved: 2024-01-15 14:40:25 UTC',
    ...firing.slice(-1),
  ])
})

test('a resolution as a root is the same message outside of a thread', () => {
  const { thread_ts: _, ...reply } = slackMessageBody(sampleResolution())
  expect(slackMessageBody(sampleResolution({ message: { thread: null } }))).toEqual(reply)
})

const looks: readonly [severity: (typeof SEVERITIES)[number], icon: string, color: string][] = [
  ['critical', '🚨', '#E01E5A'],
  ['warning', '⚠️', '#ECB22E'],
  ['info', 'ℹ️', '#2EB67D'],
  ['error', '❌', '#E01E5A'],
  ['success', '✅', '#2EB67D'],
  ['debug', '🐛', '#36C5F0'],
]
for (const [severity, icon, color] of looks) {
  test(`${severity} is ${icon} on ${color}`, () => {
    const message = sampleMessage({ incident: { severity } })
    expect(threaderTemplate()(message)).toMatchObject({ color, headline: `${icon} Database Critical Failure` })
    expect(readable(message)).toContain(`Severity: ${severity.toUpperCase()}`)
  })
}

test('with several alerts the end of the incident counts, not that of one alert', () => {
  const message = sampleResolution({ incident: { alertCount: 2, resolvedAt: Date.UTC(2024, 0, 15, 15, 0, 0) } })
  expect(readable(message)).toContain('Started: 2024-01-15 14:30:25 UTC | Resolved: 2024-01-15 15:00:00 UTC')
  expect(readable(message).at(-1)).toBe('env=production | alertname=DatabaseCriticalFailure | alerts=2')
})

test('an incident that a person resolved while its alert fires has the time of the person', () => {
  const message = sampleResolution({ alert: { endsAt: null } })
  expect(readable(message)).toContain('Started: 2024-01-15 14:30:25 UTC | Resolved: 2024-01-15 14:40:30 UTC')
})

test('times that no calendar has are left out', () => {
  const message = sampleMessage({ incident: { startedAt: Number.NaN } })
  expect(readable(message)).not.toContainEqual(expect.stringContaining('Started'))
})

test('a runbook that is no web address is not linked', () => {
  const message = sampleMessage({ alert: { links: { runbook: 'javascript:alert(1)' } } })
  expect(JSON.stringify(slackMessageBody(message))).not.toMatch(/javascript|Runbook/)
})

test('no form of a message shows its headline twice: with text and no blocks of its own, Slack shows both', () => {
  expect(slackMessageBody(sampleMessage())).not.toHaveProperty('text')
  expect(slackMessageBody(sampleMessage()).attachments?.[0].fallback).toBe(
    '🚨 Database Critical Failure (CRITICAL, production, database)',
  )
})

const NASTY = [
  '<!channel>',
  '<!here>',
  '<@U123>',
  '<!subteam^S1>',
  '<https://evil.example|grafana>',
  'https://evil.example',
  '@channel',
  '&lt;!everyone&gt;',
  '*b*',
  '`c`',
  '\u202E',
  '\u200B',
  '|',
  '>',
  '<',
  '\n',
]
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...NASTY, 'x', '각', '👨‍👩‍👧'), fc.nat(1_500)).map(([part, times]) => part.repeat(times)),
)
const anyMessage = fc
  .record({
    purpose: fc.constantFrom<MessagePurpose>('firing', 'resolved', 'fired-again', 'flapping'),
    severity: fc.constantFrom(...SEVERITIES),
    texts: fc.array(anyText, { minLength: 9, maxLength: 9 }),
    time: fc.oneof(fc.integer(), fc.double()),
    runbook: fc.constantFrom(
      undefined,
      'https://wiki.example.com/x',
      'https://evil.example@wiki.example.com/',
      '<!channel>',
      'https://wiki.example.com/|<!channel>',
    ),
  })
  .map(({ purpose, severity, texts, time, runbook }) => {
    const [
      title = '',
      service = '',
      cluster = '',
      environment = '',
      alertname = '',
      instance = '',
      description = '',
      summary = '',
      installation = '',
    ] = texts
    return sampleMessage({
      incident: { title, service, cluster, environment, severity, startedAt: time, resolvedAt: time },
      alert: {
        title,
        labels: { alertname, instance },
        annotations: { description, summary },
        links: runbook === undefined ? {} : { runbook },
        startsAt: time,
      },
      message: { purpose, environment: installation },
    })
  })

test('no alert, whatever its texts, pings anybody, links anywhere but to its runbook, or breaks a rule of Slack', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const rendered = threaderTemplate()(message)
      for (const rung of ['full', 'short', 'plain'] as const) {
        const content: MessageContent = RUNGS[rung](rendered)
        expect(checkMessage({ ...content, metadata: metadataOf(message) })).toEqual([])
        const { pings, links } = findLiveMarkup(content)
        expect(pings).toEqual([])
        for (const { url, text } of links)
          expect([new URL(url).host, text]).toEqual(['wiki.example.com', 'View Runbook'])
      }
    }),
    { numRuns: 120 },
  )
})
