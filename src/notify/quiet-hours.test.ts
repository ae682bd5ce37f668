import { describe, expect, test } from 'vitest'
import type { Severity } from '../domain/severity.ts'
import { parseWeeklyHours } from '../domain/weekly-hours.ts'
import { quietUntilFrom } from './quiet-hours.ts'
import type { QuietHoursSpec } from './route-spec.ts'

function quiet(text: string, over: Partial<QuietHoursSpec> = {}): QuietHoursSpec {
  const parsed = parseWeeklyHours(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return { name: null, hours: { ...parsed.value, timeZone: 'UTC' }, holdBelow: 'critical', channels: null, ...over }
}

const NIGHTS = quiet('22:00-07:00')
const WEEKEND = quiet('Sat,Sun 00:00-24:00')
const SUPPORT = quiet('12:00-13:00', { holdBelow: 'error', channels: ['support'] })

interface Asked {
  readonly specs: readonly QuietHoursSpec[]
  readonly peakSeverity: Severity
  readonly channelId?: string
  readonly now: string
}

const MONDAY_NIGHT = '2026-01-05T23:00:00Z'
const cases: readonly [asked: Asked, until: string | null, why: string][] = [
  [
    { specs: [NIGHTS], peakSeverity: 'warning', now: MONDAY_NIGHT },
    '2026-01-06T07:00:00.000Z',
    'until the end of the night',
  ],
  [{ specs: [NIGHTS], peakSeverity: 'error', now: MONDAY_NIGHT }, '2026-01-06T07:00:00.000Z', 'error is not critical'],
  [{ specs: [NIGHTS], peakSeverity: 'critical', now: MONDAY_NIGHT }, null, 'critical is never held back'],
  [{ specs: [NIGHTS], peakSeverity: 'warning', now: '2026-01-05T12:00:00Z' }, null, 'it is day'],
  [{ specs: [NIGHTS], peakSeverity: 'warning', now: '2026-01-06T07:00:00Z' }, null, 'the end itself is not quiet'],
  [{ specs: [], peakSeverity: 'info', now: MONDAY_NIGHT }, null, 'without quiet hours'],
  [
    { specs: [NIGHTS, WEEKEND], peakSeverity: 'info', now: '2026-01-09T23:00:00Z' },
    '2026-01-12T07:00:00.000Z',
    'quiet times that touch are one: Friday night to Monday morning',
  ],
  [
    { specs: [SUPPORT], peakSeverity: 'warning', channelId: 'support', now: '2026-01-05T12:30:00Z' },
    '2026-01-05T13:00:00.000Z',
    'below error',
  ],
  [
    { specs: [SUPPORT], peakSeverity: 'error', channelId: 'support', now: '2026-01-05T12:30:00Z' },
    null,
    'error is not below error',
  ],
  [
    { specs: [SUPPORT], peakSeverity: 'warning', channelId: 'other', now: '2026-01-05T12:30:00Z' },
    null,
    'another channel is not quiet',
  ],
  [
    { specs: [quiet('00:00-12:00'), quiet('12:00-00:00')], peakSeverity: 'info', now: MONDAY_NIGHT },
    null,
    'quiet times without an end between them would never tell',
  ],
]

describe('quiet hours', () => {
  for (const [{ specs, peakSeverity, channelId = 'any', now }, until, why] of cases) {
    test(`${peakSeverity} in ${channelId} at ${now} ${until === null ? 'goes out at once' : `waits until ${until}`} (${why})`, () => {
      const end = quietUntilFrom(specs)({ peakSeverity }, channelId, Date.parse(now))
      expect(end === null ? null : new Date(end).toISOString()).toBe(until)
    })
  }
})
