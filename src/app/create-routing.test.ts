import { describe, expect, test } from 'vitest'
import type { RoutedIncident } from '../domain/route-matching.ts'
import type { Severity } from '../domain/severity.ts'
import { readConfig } from './config.ts'
import { createRouting, type Routing } from './create-routing.ts'
import { routingDataOf } from './engine-data.ts'

function routingOf(routes: string): Routing {
  const yaml = `
slack: { botToken: xoxb-1, channel: C0123456789, mentions: { critical: ['@here'], error: [U0ANNA] } }
channels:
  - { id: oncall, kind: slack, mentions: { critical: ['@channel'] }, settings: { channel: C0AAAA } }
  - { id: night, kind: slack, settings: { channel: C0BBBB } }
routes:
${routes}`
  const read = readConfig({ env: { NUNCHI_CONFIG: 'nunchi.yaml' }, readFile: () => yaml })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return createRouting(routingDataOf(read.config))
}

function incident(peakSeverity: Severity, over: Partial<RoutedIncident> = {}): RoutedIncident & { severity: Severity } {
  return {
    labels: {},
    tenantId: 'default',
    source: 'alertmanager',
    service: '',
    environment: 'production',
    cluster: '',
    namespace: '',
    peakSeverity,
    severity: peakSeverity,
    openedAt: Date.parse('2026-01-05T12:00:00Z'),
    movedTo: null,
    ...over,
  }
}

describe('whom an incident may concern', () => {
  const bySeverity = routingOf(`
  - { match: { severity: critical }, channels: [oncall] }
  - { match: { severity: error }, channels: [night] }`)
  const cases: readonly [peak: Severity, now: readonly string[], ever: readonly string[], why: string][] = [
    ['warning', ['slack'], ['slack'], 'it was never worse, and milder goes to the same'],
    ['error', ['night'], ['night', 'slack'], 'it may have been a warning before'],
    ['critical', ['oncall'], ['oncall', 'slack', 'night'], 'it may have been an error before'],
  ]
  for (const [peak, now, ever, why] of cases) {
    test(`of ${peak}: told in ${now.join(', ')}, may concern ${ever.join(', ')} (${why})`, () => {
      expect(bySeverity.channelsOf(incident(peak))).toEqual(now)
      expect(bySeverity.mayConcern(incident(peak))).toEqual(ever)
    })
  }

  test('is who hears of it, where no route reads the severity', () => {
    const byTeam = routingOf(`  - { match: { labels: ['team="a"'] }, channels: [oncall] }`)
    expect(byTeam.mayConcern(incident('critical', { labels: { team: 'a' } }))).toEqual(['oncall'])
  })

  test('is where a person moved it as well, unless that channel is not configured any more', () => {
    expect(bySeverity.channelsOf(incident('warning', { movedTo: 'night' }))).toEqual(['slack', 'night'])
    expect(bySeverity.channelsOf(incident('warning', { movedTo: 'gone' }))).toEqual(['slack'])
  })
})

test('the answer is the same for the whole life of an incident: hours are those when it was opened', () => {
  const routing = routingOf(`  - { match: { hours: '18:00-09:00', timeZone: Asia/Seoul }, channels: [night] }`)
  const opened = (at: string) => routing.channelsOf(incident('warning', { openedAt: Date.parse(at) }))
  expect(opened('2026-01-05T08:59:59Z')).toEqual(['slack'])
  expect(opened('2026-01-05T09:00:00Z')).toEqual(['night'])
})

test('a child has the channels and the mentions of the route above it, until it says others', () => {
  const routing = routingOf(`
  - match: { labels: ['team="a"'] }
    channels: [oncall]
    mentions: { critical: [S0TEAM] }
    routes:
      - { match: { service: shop } }
      - { match: { service: cart }, channels: [night], mentions: {} }`)
  const called = (service: string, channelId: string) =>
    routing.mentionsFor(incident('critical', { labels: { team: 'a' }, service }), channelId, 'firing')
  expect(called('shop', 'oncall')).toEqual([{ kind: 'group', id: 'S0TEAM' }])
  expect(called('cart', 'night')).toEqual([])
  expect(called('cart', 'oncall')).toEqual([{ kind: 'everyone' }])
})
