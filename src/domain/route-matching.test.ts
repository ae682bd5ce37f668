import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { labelOf, type Route, type RouteCondition, type RoutedIncident, routeIncident } from './route-matching.ts'
import type { Severity } from './severity.ts'

const INCIDENT: RoutedIncident = {
  labels: {},
  tenantId: 'default',
  source: 'alertmanager',
  service: '',
  environment: 'production',
  cluster: '',
  namespace: '',
  peakSeverity: 'warning',
  openedAt: 0,
  movedTo: null,
}

function label(name: string, value: string): RouteCondition {
  return {
    text: `${name}=${value}`,
    holds: (incident) => labelOf(incident, name) === value,
    found: (incident) => labelOf(incident, name),
  }
}

function severity(wanted: Severity): RouteCondition {
  return {
    text: wanted,
    holds: ({ peakSeverity }) => peakSeverity === wanted,
    found: ({ peakSeverity }) => peakSeverity,
  }
}

function route(path: string, over: Partial<Route> = {}): Route {
  return { path, name: null, conditions: [], channels: [path], continues: false, routes: [], extra: null, ...over }
}

/** a: team=a, with a1 (tier=1) and a2 (critical) below; b: critical, goes on; c: team=c. */
const TREE = route('root', {
  routes: [
    route('a', {
      conditions: [label('team', 'a')],
      routes: [
        route('a1', { conditions: [label('tier', '1')], channels: ['a1', 'shared'] }),
        route('a2', { conditions: [severity('critical')] }),
      ],
    }),
    route('b', { conditions: [severity('critical')], continues: true, channels: ['b', 'shared'] }),
    route('c', { conditions: [label('team', 'c')], channels: ['shared', 'c'] }),
  ],
})

const cases: readonly [incident: Partial<RoutedIncident>, channels: readonly string[], why: string][] = [
  [{}, ['root'], 'what no route takes goes to the default'],
  [{ labels: { team: 'a' } }, ['a'], 'a route whose children do not match sends itself'],
  [{ labels: { team: 'a', tier: '1' } }, ['a1', 'shared'], 'the deepest match sends, and its parent does not'],
  [
    { labels: { team: 'a', tier: '1' }, peakSeverity: 'critical' },
    ['a1', 'shared'],
    'the first child that matches takes it',
  ],
  [
    { labels: { team: 'a' }, peakSeverity: 'critical' },
    ['a2'],
    'a later child is asked when earlier ones do not match',
  ],
  [{ peakSeverity: 'critical' }, ['b', 'shared'], 'continue asks the siblings, which may not match'],
  [
    { labels: { team: 'c' }, peakSeverity: 'critical' },
    ['b', 'shared', 'c'],
    'a channel that is sent to twice is told once',
  ],
  [{ labels: { tier: '1' } }, ['root'], 'a child is not asked when its parent does not match'],
  [{ movedTo: 'elsewhere' }, ['root', 'elsewhere'], 'where a person moved it comes last'],
  [{ movedTo: 'root' }, ['root'], 'moved to where it is told anyway'],
]

describe('routing', () => {
  for (const [over, channels, why] of cases) {
    test(`${JSON.stringify(over)} is told in ${channels.join(', ')} (${why})`, () => {
      const decision = routeIncident(TREE, { ...INCIDENT, ...over })
      expect(decision.channels.map(({ channelId }) => channelId)).toEqual(channels)
    })
  }

  test('every channel knows the routes that sent it; one that a person chose knows none', () => {
    const incident = { ...INCIDENT, labels: { team: 'c' }, peakSeverity: 'critical' as const, movedTo: 'x' }
    const senders = routeIncident(TREE, incident).channels.map(({ channelId, routes }) => [
      channelId,
      routes.map(({ path }) => path),
    ])
    expect(senders).toEqual([
      ['b', ['b']],
      ['shared', ['b', 'c']],
      ['c', ['c']],
      ['x', []],
    ])
  })

  test('every route says what became of it, and which condition failed on what', () => {
    const { visit } = routeIncident(TREE, { ...INCIDENT, labels: { team: 'a' } })
    expect(visit.outcome).toBe('passes-down')
    expect(visit.routes.map(({ route: { path }, outcome }) => [path, outcome])).toEqual([
      ['a', 'sends'],
      ['b', 'not-asked'],
      ['c', 'not-asked'],
    ])
    expect(visit.routes[0]?.routes[0]?.conditions).toEqual([{ text: 'tier=1', holds: false, found: '' }])
  })
})

describe('a condition on a label', () => {
  const incident = { ...INCIDENT, labels: { cluster: 'from-label', team: 'a' }, cluster: 'field', service: 'shop' }
  const reads: readonly [name: string, value: string, why: string][] = [
    ['team', 'a', 'the label'],
    ['cluster', 'from-label', 'a label goes before the field of its name'],
    ['service', 'shop', 'the field, where no such label is there'],
    ['source', 'alertmanager', 'the source is a field'],
    ['tenant', 'default', 'so is the tenant'],
    ['severity', '', 'the severity is no field: routes have a condition of its own for it'],
    ['absent', '', 'absent reads as empty, as in Alertmanager'],
    ['__proto__', '', 'names of JavaScript are nothing special'],
    ['constructor', '', 'names of JavaScript are nothing special'],
  ]
  for (const [name, value, why] of reads) {
    test(`on ${name} reads ${JSON.stringify(value)} (${why})`, () => {
      expect(labelOf(incident, name)).toBe(value)
    })
  }
})

const names = fc.constantFrom('team', 'tier', 'service', 'zone')
const values = fc.constantFrom('a', 'b', '1', '')
const conditions = fc.array(
  fc.tuple(names, values).map(([name, value]) => label(name, value)),
  { maxLength: 2 },
)
const { tree } = fc.letrec<{ tree: Route }>((tie) => ({
  tree: fc
    .record({
      conditions,
      channels: fc.array(fc.constantFrom('p', 'q', 'r'), { minLength: 1, maxLength: 2 }),
      continues: fc.boolean(),
      routes: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
    })
    .map((over) => route('any', over)),
}))
const labels = fc.uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 4 })

test('a tree whose root takes everything always tells somebody, and nobody twice', () => {
  fc.assert(
    fc.property(tree, labels, (any, pairs) => {
      const told = routeIncident({ ...any, conditions: [] }, { ...INCIDENT, labels: Object.fromEntries(pairs) })
      const ids = told.channels.map(({ channelId }) => channelId)
      return ids.length >= 1 && new Set(ids).size === ids.length
    }),
  )
})

test('the order of labels never matters', () => {
  fc.assert(
    fc.property(tree, labels, (any, pairs) => {
      const idsFor = (ordered: readonly (readonly [string, string])[]) =>
        routeIncident(any, { ...INCIDENT, labels: Object.fromEntries(ordered) }).channels.map(
          ({ channelId }) => channelId,
        )
      expect(idsFor([...pairs].reverse())).toEqual(idsFor(pairs))
    }),
  )
})
