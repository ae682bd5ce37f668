import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { readConfig } from '../app/config.ts'
import { createRouting } from '../app/create-routing.ts'
import { routingDataOf } from '../app/engine-data.ts'
import type { RouteExplanation } from '../app/explain-route.ts'

const YAML = `
slack: { botToken: xoxb-canary, channel: C0123456789, mentions: { critical: ['@here'] } }
channels:
  - { id: payments, kind: slack, settings: { channel: C0123456780 } }
  - { id: partners, kind: slack-webhook, settings: { url: 'https://hooks.example.com/canary' } }
routes:
  - name: payments
    match: { labels: ['team=~"pay.*"'] }
    channels: [payments, partners]
    mentions: { critical: [S0TEAM] }
  - match: { severity: '>=error' }
quietHours:
  - { from: '22:00', to: '07:00', channels: [slack] }
`

let door: TestDoor

beforeEach(async () => {
  const read = readConfig({ env: { NUNCHI_CONFIG: 'nunchi.yaml' }, readFile: () => YAML })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const { channels, defaultChannel } = read.config
  door = await openTestDoor({
    channels: channels.map(({ id, kind, label }) => ({ id, kind, label })),
    defaultChannel,
    routing: createRouting(routingDataOf(read.config)),
    problems: async () => [
      { part: 'channel', channelId: 'payments', problem: 'Channel payments needs repair', remedy: 'Invite the bot.' },
      { part: 'database', problem: 'It is slow', remedy: 'Look at the disk.' },
    ],
  })
})

afterEach(async () => await door.close())

type Explained = Omit<RouteExplanation, 'incident'> & { readonly incident: Record<string, unknown> }
interface Answer {
  readonly items: readonly Explained[]
  readonly more: number
}

async function explain(body: object): Promise<Answer> {
  const { status, body: answer } = await door.post<Answer>('/api/v1/routes/explain', body)
  expect(status).toBe(200)
  return answer
}

function toldIn({ channels }: Explained): readonly string[] {
  return channels.map(({ id }) => id)
}

describe('the channels', () => {
  test('are listed with what must be repaired there, and without secrets', async () => {
    const { body } = await door.get('/api/v1/channels')
    expect(body).toEqual({
      items: [
        { id: 'slack', kind: 'slack', label: 'C0123456789', isDefault: true, state: 'ok', problems: [] },
        {
          id: 'payments',
          kind: 'slack',
          label: 'C0123456780',
          isDefault: false,
          state: 'degraded',
          problems: [{ problem: 'Channel payments needs repair', remedy: 'Invite the bot.' }],
        },
        {
          id: 'partners',
          kind: 'slack-webhook',
          label: 'incoming webhook',
          isDefault: false,
          state: 'ok',
          problems: [],
        },
      ],
      nextCursor: null,
    })
    expect(JSON.stringify(body)).not.toContain('canary')
  })
})

describe('an explanation', () => {
  test('of labels says who is told, because of which route, whom it calls', async () => {
    const { items } = await explain({ labels: { team: 'payments' }, severity: 'critical' })
    expect(items[0]?.channels).toEqual([
      {
        id: 'payments',
        kind: 'slack',
        label: 'C0123456780',
        because: [{ path: 'routes[0]', name: 'payments' }],
        isMovedHere: false,
        mentions: [{ kind: 'group', id: 'S0TEAM' }],
        quietUntil: null,
      },
      expect.objectContaining({ id: 'partners', mentions: [{ kind: 'group', id: 'S0TEAM' }] }),
    ])
  })

  test('has the tree with every condition answered', async () => {
    const { items } = await explain({ severity: 'warning' })
    expect(items[0]?.tree).toMatchObject({
      path: 'defaultChannel',
      outcome: 'sends',
      routes: [
        { name: 'payments', outcome: 'no-match', conditions: [{ text: 'team=~"pay.*"', holds: false, found: '""' }] },
        { path: 'routes[1]', outcome: 'no-match', conditions: [{ text: 'severity >=error', holds: false }] },
      ],
    })
  })

  test('says until when quiet hours hold it back, at the time that is asked', async () => {
    const at = '2026-01-05T23:00:00Z'
    const asked = async (severity: string) => (await explain({ severity, at })).items[0]?.channels[0]
    expect(await asked('warning')).toMatchObject({ id: 'slack', quietUntil: '2026-01-06T07:00:00.000Z' })
    expect(await asked('critical')).toMatchObject({ id: 'slack', quietUntil: null, mentions: [{ kind: 'here' }] })
  })

  test('of a body of Alertmanager explains each of its alerts, and says how many it left out', async () => {
    const alert = (team: string) => ({
      status: 'firing',
      labels: { alertname: 'A', team },
      startsAt: '2026-01-05T11:00:00Z',
    })
    const { items, more } = await explain({
      version: '4',
      groupKey: '{}',
      alerts: [alert('payments'), alert('ops'), ...Array.from({ length: 30 }, () => alert('ops'))],
    })
    expect(items.slice(0, 3).map(toldIn)).toEqual([['payments', 'partners'], ['slack'], ['slack']])
    expect([items.length, more]).toEqual([20, 12])
  })

  test('of an incident that is there goes by the highest severity that it had, by id or by name', async () => {
    await door.tell({ alertname: 'Boom', severity: 'error', labels: { team: 'ops' } })
    const { items } = await explain({ incidentId: 'INC-1' })
    expect(items[0]).toMatchObject({ incident: { title: 'Boom', peakSeverity: 'error' } })
    expect(items[0]?.channels[0]?.because).toEqual([{ path: 'routes[1]', name: null }])
  })

  test('of an incident that is not there is refused', async () => {
    expect((await door.post('/api/v1/routes/explain', { incidentId: 'INC-99' })).status).toBe(404)
  })

  const refused: readonly [body: object, why: string][] = [
    [{ labels: { a: 1 } }, 'a label is a text'],
    [{ at: 'tomorrow' }, 'a time has a form'],
    [{ alerts: [{ labels: 'none' }] }, 'an alert without labels cannot be read'],
    [{ alerts: 'none' }, 'alerts are a list'],
  ]
  for (const [body, why] of refused) {
    test(`of ${JSON.stringify(body)} is refused (${why})`, async () => {
      expect((await door.post('/api/v1/routes/explain', body)).status).toBe(400)
    })
  }
})
