import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { StoredRow } from '../support/ask-database.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { HOSTILE_BODIES } from '../support/hostile-bodies.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { type HttpReply, type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { waitUntilQuiet } from '../support/settle.ts'
import { readableLines } from '../support/slack-text.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const PATH = '/webhook/alertmanager'

// All of them meet one product: what one leaves behind would show in the next.
let slack: FakeSlack
let nunchi: RunningNunchi
let healthyAlerts = 0

beforeAll(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  nunchi = await startNunchiWithSlack(slack)
}, 60_000)
afterAll(async () => {
  await nunchi.stop()
  await slack.close()
}, 60_000)

describe('a body that no honest sender sends', () => {
  for (const { what, body, isQuarantined } of HOSTILE_BODIES) {
    const fate = isQuarantined ? 'kept and put into quarantine with a reason' : 'read as far as it makes sense'
    test(`${what}: answered 2xx, ${fate}`, async () => {
      const seq = await deliver(PATH, body)
      const kept = await quarantineOf(seq)
      expect(kept.length > 0).toBe(isQuarantined)
      for (const { reason } of kept) expect(reason).toMatch(/\w+ \w+ \w+/)
      const events = await queryMain(nunchi, 'select status from alert_event where delivery_seq = ?', seq)
      expect(events).toEqual(isQuarantined ? [] : [{ status: 'firing' }])
      await expectHealthy()
    }, 60_000)
  }

  test('one alert that cannot be read costs itself and none of the five hundred beside it', async () => {
    const alerts: unknown[] = Array.from({ length: 500 }, (_, index) => {
      const labels = { alertname: 'Ordinary', severity: 'warning', service: 'shop', instance: `node-${index}` }
      return makeAlert({ labels, startsAt: new Date() })
    })
    alerts[250] = { status: 'firing', labels: 'not a map', startsAt: 'yesterday' }
    const seq = await deliver(PATH, { ...makeWebhookBody([]), status: 'firing', alerts })
    const stored = await queryMain(nunchi, 'select count(*) as n from alert_event where delivery_seq = ?', seq)
    expect(stored).toEqual([{ n: 499 }])
    expect(await quarantineOf(seq)).toEqual([
      { delivery_index: 250, reason: expect.stringMatching(/alerts\[250\]\.labels/) },
    ])
    await expectHealthy()
  }, 60_000)

  test('nothing of a prototype reaches the requests that follow', async () => {
    const polluted = '"polluted":"yes"'
    await deliver(PATH, `{"__proto__":{${polluted}},"alerts":[]}`)
    await deliver(PATH, `{"constructor":{"prototype":{${polluted}}}}`)
    await deliver('/webhook/generic', `{"__proto__":{${polluted}},"title":"Odd","status":"firing"}`)
    await deliver('/webhook/grafana', `{"__proto__":{${polluted}},"title":"Odd","state":"alerting","ruleId":7}`)
    await expectHealthy()
    for (const path of ['/', '/api/v1/incidents', '/api/v1/sources', '/health'])
      expect(JSON.stringify((await nunchi.api(path)).body)).not.toContain('polluted')
  }, 60_000)
})

test('what is in quarantine is read again once its reason is gone, once and not twice', async () => {
  using folder = makeTempFolder('replay')
  const configOf = (title: string) => ({ sources: [{ name: 'generic', kind: 'generic', settings: { title } }] })
  await using repaired = await startNunchi({ config: configOf('headline') })
  const sent = await repaired.post<{ delivery: string }>('/webhook/generic', { subject: 'The backup failed' })
  expect(sent.status).toBe(200)
  await waitUntilQuiet(repaired)
  const waiting = await quarantined(repaired)
  expect(waiting.body.items).toMatchObject([{ source: 'generic', reason: expect.stringMatching(/headline/) }])

  folder.write('repaired.yaml', stringify(configOf('subject')))
  await repaired.term()
  await repaired.restart({ env: { NUNCHI_CONFIG: join(folder.path, 'repaired.yaml') } })
  const replay = `/api/v1/quarantine/${waiting.body.items[0]?.id}/replay`
  expect((await repaired.post(replay, {})).status).toBe(200)
  expect((await repaired.post(replay, {})).status).toBeLessThan(500)
  await assertEverythingHolds({ nunchi: repaired })
  expect(await queryMain(repaired, 'select title, alert_count from incident')).toEqual([
    { title: 'The backup failed', alert_count: 1 },
  ])
  expect((await quarantined(repaired)).body.items).toEqual([])
}, 60_000)

/** Posts a body, waits until it is folded, and answers its position in the log. */
async function deliver(path: string, body: unknown): Promise<number> {
  const reply = await nunchi.post<{ delivery: string }>(path, body)
  expect(reply).toMatchObject({ status: 200, body: { ok: true } })
  await waitUntilQuiet(nunchi)
  return Number(reply.body.delivery)
}

async function quarantineOf(seq: number): Promise<StoredRow[]> {
  return await queryMain(nunchi, 'select delivery_index, reason from quarantine where delivery_seq = ?', seq)
}

async function quarantined(from: RunningNunchi): Promise<HttpReply<{ items: { id: string }[] }>> {
  return await from.api('/api/v1/quarantine?state=open')
}

/** What comes next is taken and told as if nothing had been. */
async function expectHealthy(): Promise<void> {
  healthyAlerts += 1
  const alertname = `Healthy${healthyAlerts}`
  await deliver(PATH, makeWebhookBody([makeAlert({ labels: { alertname, severity: 'critical', service: 'after' } })]))
  await assertEverythingHolds({ nunchi, slack })
  const told = slack.messages(DEFAULT_CHANNEL).map((message) => readableLines(message)[0])
  expect(told).toContainEqual(expect.stringContaining(alertname))
}
