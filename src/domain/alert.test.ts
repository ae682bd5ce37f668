import { expect, test } from 'vitest'
import {
  type Alert,
  type AlertObservation,
  alertAfter,
  contentHashOf,
  LATE_TWIN_MS,
  observeAlert,
  withKnownStart,
} from './alert.ts'
import type { AlertEvent } from './alert-event.ts'

const T = 1_700_000_000_000

function event(over: Partial<AlertEvent> = {}): AlertEvent {
  return {
    fingerprint: 'f',
    status: 'firing',
    title: 'HighCpu',
    severity: 'critical',
    labels: { alertname: 'HighCpu' },
    annotations: { summary: 'CPU high' },
    startsAtText: 'given',
    startsAt: T,
    endsAt: null,
    links: {},
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: {},
    raw: '',
    ...over,
  }
}

function known(over: Partial<Alert> = {}): Alert {
  return {
    id: 'a',
    incidentId: 'i',
    status: 'firing',
    severity: 'critical',
    startsAt: T,
    endsAt: null,
    contentHash: contentHashOf(event()),
    changedAt: T,
    lastSeenAt: T,
    occurrences: 1,
    ...over,
  }
}

const resolved = (over: Partial<Alert> = {}): Alert =>
  known({ status: 'resolved', endsAt: T + 60_000, changedAt: T + 60_000, ...over })

const cases: readonly [
  what: string,
  known: Alert | null,
  event: AlertEvent,
  receivedAt: number,
  expected: AlertObservation,
  why: string,
][] = [
  ['nothing, firing', null, event(), T, 'fired', 'first sight of a problem'],
  [
    'nothing, resolved',
    null,
    event({ status: 'resolved', endsAt: T + 1 }),
    T,
    'closed-unseen',
    'its firing was cut by max_alerts: no ghost incident',
  ],
  ['firing, same again', known(), event(), T + 5, 'repeated', 'repeat_interval, retries and HA twins change nothing'],
  [
    'firing, new text',
    known(),
    event({ annotations: { summary: 'CPU very high' } }),
    T + 5,
    'updated',
    'people should read the newest text',
  ],
  [
    'firing, older start',
    known(),
    event({ startsAt: T - 500 }),
    T + 5,
    'repeated',
    'a replica that noticed earlier tells of the same episode',
  ],
  [
    'firing, newer start',
    known(),
    event({ startsAt: T + 500 }),
    T + 600,
    'updated',
    'its resolve was lost, it fires still',
  ],
  ['firing, resolved', known(), event({ status: 'resolved', endsAt: T + 9 }), T + 9, 'cleared', 'the ordinary end'],
  [
    'firing, end of an older episode',
    known(),
    event({ status: 'resolved', startsAt: T - 90_000, endsAt: T - 60_000 }),
    T + 9,
    'stale',
    'it ended before this episode began',
  ],
  [
    'firing, older start but ends now',
    known(),
    event({ status: 'resolved', startsAt: T - 500, endsAt: T + 9 }),
    T + 9,
    'cleared',
    'replicas start at different times: leaving it firing for ever would be a ghost',
  ],
  ['resolved, late twin', resolved(), event(), T + 61_000, 'repeated', 'a slow HA twin must not reopen'],
  [
    'resolved, same start long after',
    resolved(),
    event(),
    T + 60_000 + LATE_TWIN_MS + 1,
    'fired',
    'the sender insists: it was cut off, not repaired',
  ],
  [
    'resolved, new episode',
    resolved(),
    event({ startsAt: T + 90_000 }),
    T + 90_001,
    'fired',
    'a re-fire has a new start',
  ],
  [
    'resolved, older firing',
    resolved(),
    event({ startsAt: T - 90_000 }),
    T + 61_000,
    'stale',
    'late news of a past episode',
  ],
  [
    'resolved unseen, its firing arrives',
    resolved({ incidentId: null }),
    event(),
    T + 61_000,
    'fired-late',
    'it belongs to history, not to the pager',
  ],
  [
    'resolved, resolved again',
    resolved(),
    event({ status: 'resolved', endsAt: T + 60_000 }),
    T + 61_000,
    'repeated',
    'the HA twin of a resolve',
  ],
  [
    'resolved, end of a newer episode',
    resolved(),
    event({ status: 'resolved', startsAt: T + 70_000, endsAt: T + 71_000 }),
    T + 72_000,
    'closed-unseen',
    'it fired and ended out of our sight',
  ],
]

for (const [what, before, incoming, receivedAt, expected, why] of cases) {
  test(`${what} → ${expected} (${why})`, () => {
    expect(observeAlert(before, incoming, contentHashOf(incoming), receivedAt)).toBe(expected)
  })
}

test('an episode counts once, however often it is told', () => {
  const first = alertAfter(null, event(), { observation: 'fired', contentHash: 1, receivedAt: T, newId: 'n' })
  expect(first).toMatchObject({ id: 'n', occurrences: 1, status: 'firing' })
  const cleared = alertAfter(first, event({ status: 'resolved', endsAt: T + 9 }), {
    observation: 'cleared',
    contentHash: 1,
    receivedAt: T + 9,
    newId: 'x',
  })
  expect(cleared).toMatchObject({ id: 'n', occurrences: 1, status: 'resolved', endsAt: T + 9 })
  const again = alertAfter(cleared, event({ startsAt: T + 20 }), {
    observation: 'fired',
    contentHash: 1,
    receivedAt: T + 21,
    newId: 'x',
  })
  expect(again).toMatchObject({ occurrences: 2, status: 'firing', endsAt: null })
})

test('the content hash does not depend on the order of annotations', () => {
  expect(contentHashOf(event({ annotations: { a: '1', b: '2' } }))).toBe(
    contentHashOf(event({ annotations: { b: '2', a: '1' } })),
  )
  expect(contentHashOf(event({ annotations: { a: '1', b: '2' } }))).not.toBe(
    contentHashOf(event({ annotations: { a: '12', b: '' } })),
  )
})

const unknownStarts: readonly [
  what: string,
  known: Alert | null,
  status: AlertEvent['status'],
  expected: AlertObservation,
  why: string,
][] = [
  ['nothing, firing', null, 'firing', 'fired', 'it begins when we hear of it'],
  ['firing, firing again', known(), 'firing', 'repeated', 'a reminder is no new episode'],
  ['firing, resolved', known(), 'resolved', 'cleared', 'it can only mean this episode'],
  ['resolved, resolved again', resolved(), 'resolved', 'repeated', 'an end is told twice, not lived twice'],
  ['resolved, firing', resolved(), 'firing', 'fired', 'after an end it can only be a new one'],
]

for (const [what, before, status, expected, why] of unknownStarts) {
  test(`a sender that gives no start: ${what} → ${expected} (${why})`, () => {
    const settled = withKnownStart(before, event({ startsAtText: '', startsAt: T + 120_000, status }))
    expect(observeAlert(before, settled, contentHashOf(settled), T + 120_000)).toBe(expected)
  })
}
