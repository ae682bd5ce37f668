import { expect, test } from 'vitest'
import type { SEVERITIES } from '../../../../domain/severity.ts'
import type { IncidentMessage } from '../../../channel.ts'
import { sampleMessage, sampleResolution } from '../../sample-incident-message.ts'
import { type SlackMessageBody, slackMessageBody } from '../slack-message-body.ts'
import { threaderTemplate } from './threader-template.ts'

function bodyOf(message: IncidentMessage): SlackMessageBody {
  return slackMessageBody(message, threaderTemplate())
}

/** What people read, line by line, with the marks of mrkdwn taken off. */
function readable(message: IncidentMessage): readonly string[] {
  const texts = threaderTemplate()(message).blocks.flatMap((block) => {
    if (block.type === 'actions') throw new Error('System 2 has no buttons')
    if (block.type === 'context') return block.elements
    return block.type === 'header'
      ? [block.text]
      : [...(block.text === undefined ? [] : [block.text]), ...(block.fields ?? [])]
  })
  return texts.flatMap(({ text }) =>
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
  const { thread_ts: _, ...reply } = bodyOf(sampleResolution())
  expect(bodyOf(sampleResolution({ message: { thread: null } }))).toEqual(reply)
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
  expect(JSON.stringify(bodyOf(message))).not.toMatch(/javascript|Runbook/)
})

test('no form of a message shows its headline twice: with text and no blocks of its own, Slack shows both', () => {
  expect(bodyOf(sampleMessage())).not.toHaveProperty('text')
  expect(bodyOf(sampleMessage()).attachments?.[0].fallback).toBe(
    '🚨 Database Critical Failure (CRITICAL, production, database)',
  )
})
