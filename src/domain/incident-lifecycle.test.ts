import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { type Incident, type IncidentStatus, UNTIL_RESOLVED } from './incident.ts'
import { type ActionRequest, decideAction, type IncidentAction, offeredActions } from './incident-actions.ts'
import { DEFAULT_LIFECYCLE, endHoldOff, endSilence, moveAlert } from './incident-lifecycle.ts'
import type { Severity } from './severity.ts'

const T = 1_700_000_000_000
const minji: Actor = { kind: 'user', id: 'u1', name: 'Minji', via: 'api', tenantId: 'default', scopes: ['respond'] }
const reader: Actor = { ...minji, scopes: ['read'] }

const JISU = { id: 'u2', name: 'Jisu' }

function incidentThatIs(status: IncidentStatus, over: Partial<Incident> = {}): Incident {
  return {
    tenantId: 'default',
    id: 'i',
    number: 7,
    version: 3,
    source: 'alertmanager',
    correlationKey: 'k',
    correlationText: 'k',
    ruleKey: null,
    title: 'HighCpu',
    status,
    severity: 'warning',
    service: '',
    cluster: '',
    namespace: '',
    environment: '',
    labels: {},
    startedAt: T,
    openedAt: T,
    acknowledgedAt: null,
    acknowledgedBy: null,
    resolvedAt: status === 'resolved' ? T : null,
    resolvedBy: null,
    owner: null,
    alertCount: 1,
    firing: status === 'resolved' ? {} : { warning: 1 },
    clearsAt: null,
    reopenCount: 0,
    reopenedAt: null,
    flapCount: 0,
    flapsSince: null,
    isFlapping: false,
    isNoise: false,
    peakSeverity: 'warning',
    isSeverityPinned: false,
    silencedUntil: null,
    movedTo: null,
    updatedAt: T,
    ...over,
  }
}

function request(action: IncidentAction, over: Partial<ActionRequest> = {}): ActionRequest {
  return { action, actor: minji, reason: '', expectedVersion: null, assignee: null, ...over }
}

const moves: readonly [from: IncidentStatus, action: IncidentAction, expected: string, why: string][] = [
  ['active', 'acknowledge', 'acknowledged', 'a person took it'],
  ['acknowledged', 'acknowledge', 'refused: already-there', 'a second click must not page twice'],
  ['resolved', 'acknowledge', 'refused: not-allowed-from-here', 'there is nothing to take'],
  ['acknowledged', 'unacknowledge', 'active', 'taken by mistake: it must be unattended again'],
  ['active', 'unacknowledge', 'refused: already-there', 'nobody had it'],
  ['active', 'resolve', 'resolved', 'a person knows better than the alert'],
  ['acknowledged', 'resolve', 'resolved', 'the ordinary end'],
  ['resolved', 'resolve', 'refused: already-there', 'its end is told once'],
  ['resolved', 'reopen', 'active', 'the fix did not hold'],
  ['active', 'reopen', 'refused: already-there', 'it is open'],
  ['acknowledged', 'reopen', 'refused: not-allowed-from-here', 'open already; undo of acknowledge has its own name'],
  ['resolved', 'note', 'resolved', 'lessons are written afterwards'],
  ['active', 'assign', 'active', 'an owner is not a status'],
  ['active', 'silence', 'active', 'a silence is not a status'],
  ['acknowledged', 'silence', 'acknowledged', 'whoever works on it needs quiet most'],
  ['resolved', 'silence', 'refused: not-allowed-from-here', 'it makes no noise any more'],
  ['active', 'unsilence', 'refused: already-there', 'it is not silenced'],
  ['active', 'set-severity', 'active', 'without another it pins the one that it has'],
  ['resolved', 'set-severity', 'refused: not-allowed-from-here', 'the record of what was stays'],
  ['resolved', 'move', 'refused: not-allowed-from-here', 'there is nothing more to tell'],
]

for (const [from, action, expected, why] of moves) {
  test(`${from} + ${action} → ${expected} (${why})`, () => {
    const decision = decideAction(incidentThatIs(from), request(action, { assignee: JISU }), T + 1)
    expect(decision.ok ? decision.change.incident.status : `refused: ${decision.refusal}`).toBe(expected)
    const offered = offeredActions(incidentThatIs(from), minji).find(({ name }) => name === action)
    expect(offered?.allowed).toBe(decision.ok)
  })
}

test('every change leaves a timeline entry and a new version', () => {
  for (const [from, action] of moves) {
    const decision = decideAction(incidentThatIs(from), request(action, { reason: 'because' }), T + 1)
    if (!decision.ok) continue
    expect(decision.change.timeline).toHaveLength(1)
    expect(decision.change.timeline[0]?.reason).toBe('because')
    expect(decision.change.incident.version).toBe(4)
  }
})

test('a command decided on an older version is refused', () => {
  expect(decideAction(incidentThatIs('active'), request('resolve', { expectedVersion: 2 }), T)).toEqual({
    ok: false,
    refusal: 'version-changed',
  })
  expect(decideAction(incidentThatIs('active'), request('resolve', { expectedVersion: 3 }), T).ok).toBe(true)
})

test('who may only read may change nothing', () => {
  expect(decideAction(incidentThatIs('active'), request('acknowledge', { actor: reader }), T)).toEqual({
    ok: false,
    refusal: 'scope-missing',
  })
  expect(offeredActions(incidentThatIs('active'), reader).every(({ refusal }) => refusal === 'scope-missing')).toBe(
    true,
  )
})

test('who acknowledges owns it, and the undo gives it back', () => {
  const taken = decideAction(incidentThatIs('active'), request('acknowledge'), T + 1)
  if (!taken.ok) throw new Error('refused')
  expect(taken.change.incident.owner).toEqual({ id: 'u1', name: 'Minji' })
  const undone = decideAction(taken.change.incident, request('unacknowledge'), T + 2)
  if (!undone.ok) throw new Error('refused')
  expect(undone.change.incident).toMatchObject({ owner: null, acknowledgedAt: null, status: 'active' })
})

// biome-ignore lint/complexity/useMaxParams: each case reads as one line: incident, before, after, when, policy.
function move(
  incident: Incident,
  was: Severity | null,
  is: Severity | null,
  at = T + 1000,
  policy = DEFAULT_LIFECYCLE,
) {
  return moveAlert(
    incident,
    {
      was,
      is,
      joins: was === null && is !== null && (incident.firing[is] ?? 0) === 0,
      startsAt: T,
      receivedAt: at,
      clearedBecause: null,
    },
    policy,
  )
}

test('it resolves by itself when the last alert clears, and not before', () => {
  const two = incidentThatIs('active', { firing: { warning: 2 }, alertCount: 2 })
  const one = move(two, 'warning', null)
  expect(one.incident.status).toBe('active')
  const none = move(one.incident, 'warning', null)
  expect(none.incident).toMatchObject({ status: 'resolved', resolvedBy: { id: 'nunchi' } })
  expect(none.effects).toEqual([{ kind: 'notify' }])
})

test('severity follows the highest that fires, and each move is written down', () => {
  const raised = move(incidentThatIs('active'), null, 'critical')
  expect(raised.incident.severity).toBe('critical')
  expect(raised.timeline.map(({ kind }) => kind)).toEqual(['severity-raised'])
  const lowered = move(raised.incident, 'critical', null)
  expect(lowered.incident.severity).toBe('warning')
  expect(lowered.timeline.map(({ kind }) => kind)).toEqual(['severity-lowered'])
  const over = move(lowered.incident, 'warning', null)
  expect(over.incident.severity).toBe('warning')
})

test('a hold-off waits, an alert in between cancels it, and only its own end resolves', () => {
  const policy = { ...DEFAULT_LIFECYCLE, holdOffMs: 60_000 }
  const cleared = move(incidentThatIs('active'), 'warning', null, T, policy)
  expect(cleared.incident).toMatchObject({ status: 'active', clearsAt: T + 60_000 })
  expect(cleared.effects).toEqual([{ kind: 'resolve-when-clear', at: T + 60_000 }, { kind: 'refresh' }])
  expect(endHoldOff(cleared.incident, T + 59_999)).toBeNull()
  expect(endHoldOff(cleared.incident, T + 60_000)?.incident.status).toBe('resolved')
  const again = move(cleared.incident, null, 'warning', T + 30_000, policy)
  expect(again.incident.clearsAt).toBeNull()
  expect(endHoldOff(again.incident, T + 60_000)).toBeNull()
})

test('without auto-resolve a clear incident waits for a person', () => {
  const cleared = move(incidentThatIs('active'), 'warning', null, T, { ...DEFAULT_LIFECYCLE, autoResolve: false })
  expect(cleared.incident.status).toBe('active')
  expect(cleared.effects).toEqual([{ kind: 'refresh' }])
})

test('a resolved incident whose alert fires again is reopened, unattended', () => {
  const reopened = move(
    incidentThatIs('resolved', { acknowledgedAt: T, acknowledgedBy: { id: 'u1', name: 'Minji' } }),
    null,
    'warning',
  )
  expect(reopened.incident).toMatchObject({ status: 'active', reopenCount: 1, resolvedAt: null, acknowledgedAt: null })
})

test('200 flaps in ten minutes become one flapping incident that resolves after quiet', () => {
  let incident = incidentThatIs('active')
  let notices = 0
  let at = T
  for (let i = 0; i < 200; i++) {
    for (const [was, is] of [
      ['warning', null],
      [null, 'warning'],
    ] as const) {
      at += 1500
      const change = move(incident, was, is, at)
      incident = change.incident
      notices += change.effects.filter(({ kind }) => kind === 'notify').length
    }
  }
  expect(incident).toMatchObject({ status: 'active', isFlapping: true })
  expect(notices).toBeLessThanOrEqual(8)
  const quiet = move(incident, 'warning', null, at)
  const over = endHoldOff(quiet.incident, at + DEFAULT_LIFECYCLE.flapHoldOffMs)
  expect(over?.incident).toMatchObject({ status: 'resolved', isFlapping: false })
  expect(over?.timeline.map(({ kind }) => kind)).toEqual(['flapping-ended', 'resolved'])
})

function change(incident: Incident, action: IncidentAction, over: Partial<ActionRequest> = {}) {
  const decision = decideAction(incident, request(action, over), T + 1)
  if (!decision.ok) throw new Error(decision.refusal)
  return decision.change
}

test('a silence is told, and looked at again when it ends', () => {
  const { incident, effects, timeline } = change(incidentThatIs('active'), 'silence', { until: T + 3_600_000 })
  expect(incident.silencedUntil).toBe(T + 3_600_000)
  expect(effects).toEqual([{ kind: 'notify' }, { kind: 'end-silence', at: T + 3_600_000 }])
  expect(timeline).toMatchObject([{ kind: 'silenced', data: { until: T + 3_600_000 } }])
})

test('a silence without an end lasts until the incident is resolved', () => {
  const silenced = change(incidentThatIs('active'), 'silence')
  expect(silenced.incident.silencedUntil).toBe(UNTIL_RESOLVED)
  expect(silenced.effects).toEqual([{ kind: 'notify' }])
  expect(change(silenced.incident, 'resolve').incident.silencedUntil).toBeNull()
  const cleared = moveAlert(
    silenced.incident,
    { was: 'warning', is: null, joins: false, startsAt: T, receivedAt: T + 2, clearedBecause: null },
    DEFAULT_LIFECYCLE,
  )
  expect(cleared.incident).toMatchObject({ status: 'resolved', silencedUntil: null })
})

test('a silence that would be over already is refused, and so is the same one again', () => {
  expect(decideAction(incidentThatIs('active'), request('silence', { until: T }), T)).toMatchObject({ ok: false })
  const silenced = incidentThatIs('active', { silencedUntil: T + 50 })
  expect(decideAction(silenced, request('silence', { until: T + 50 }), T)).toEqual({
    ok: false,
    refusal: 'already-there',
  })
  expect(change(silenced, 'silence', { until: T + 99 }).incident.silencedUntil).toBe(T + 99)
})

test('a silence is over at its end, not before, and not when it was made longer', () => {
  const silenced = incidentThatIs('active', { silencedUntil: T + 50 })
  expect(endSilence(silenced, T + 49)).toBeNull()
  expect(endSilence(silenced, T + 50)).toMatchObject({
    incident: { silencedUntil: null, version: 4 },
    timeline: [{ kind: 'unsilenced' }],
    effects: [{ kind: 'notify' }],
  })
  expect(endSilence({ ...silenced, silencedUntil: UNTIL_RESOLVED }, T + 50)).toBeNull()
  expect(endSilence(incidentThatIs('active'), T + 50)).toBeNull()
})

test('a severity that a person set is raised by a worse alert, and never lowered', () => {
  const firing = { critical: 1, warning: 1 }
  const { incident, timeline } = change(
    incidentThatIs('active', { severity: 'critical', peakSeverity: 'critical', firing, alertCount: 2 }),
    'set-severity',
    { severity: 'warning' },
  )
  expect(incident).toMatchObject({ severity: 'warning', peakSeverity: 'critical', isSeverityPinned: true })
  expect(timeline).toMatchObject([{ kind: 'severity-set', data: { from: 'critical', to: 'warning' } }])
  const step = { joins: true, startsAt: T, receivedAt: T + 2, clearedBecause: null }
  const after = (was: Severity | null, is: Severity | null) =>
    moveAlert(incident, { ...step, was, is }, DEFAULT_LIFECYCLE)
  expect(after(null, 'warning').incident.severity).toBe('warning')
  expect(after('critical', null).incident.severity).toBe('warning')
  expect(after(null, 'error')).toMatchObject({ incident: { severity: 'error' }, effects: [{ kind: 'notify' }] })
  expect(after('warning', 'error').incident.severity).toBe('error')
  expect(after('critical', 'error').incident.severity).toBe('warning')
})

test('a severity that a person raised counts as the highest it had', () => {
  expect(change(incidentThatIs('active'), 'set-severity', { severity: 'critical' }).incident).toMatchObject({
    severity: 'critical',
    peakSeverity: 'critical',
  })
})

test('a move is told once, and can be taken back', () => {
  const moved = change(incidentThatIs('active'), 'move', { channelId: 'C2' })
  expect(moved).toMatchObject({ incident: { movedTo: 'C2' }, effects: [{ kind: 'notify' }] })
  expect(decideAction(moved.incident, request('move', { channelId: 'C2' }), T)).toMatchObject({ ok: false })
  expect(change(moved.incident, 'move', { channelId: null }).incident.movedTo).toBeNull()
})
