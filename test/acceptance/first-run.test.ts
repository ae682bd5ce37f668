import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_CHANNEL, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve as resolveAlert } from '../support/generate-alerts.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { waitUntilQuiet } from '../support/settle.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUNDLE = join(ROOT, 'dist/nunchi.js')
const KEY = 'TestAlert|critical|database|production|production'

/** What operators of the incident database run, word for word. */
const OPERATORS_SQL = {
  alerts: 'SELECT * FROM grafana_alerts ORDER BY alert_id DESC LIMIT 5;',
  incidents: 'SELECT * FROM incidents ORDER BY created_at DESC LIMIT 5;',
}

describe('the program alone in an empty folder', () => {
  beforeAll(() => {
    if (!existsSync(BUNDLE)) execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT })
  }, 120_000)

  test('it serves without any configuration, and the first alert of the README shows as incident and as would-be message', async () => {
    using folder = makeTempFolder('first-run')
    const entry = join(folder.path, 'nunchi.js')
    copyFileSync(BUNDLE, entry)
    // Empty variables say nothing: this is how it runs for somebody who set none.
    await using nunchi = await startNunchi({ entry, env: { NUNCHI_DATA_DIR: '', LOG_LEVEL: '', HOST: '' } })
    expect(readdirSync(folder.path)).toEqual(['nunchi.js'])

    const { status, body } = await nunchi.post('/webhook/alertmanager', firstAlertOfReadme())
    expect({ status, body }).toMatchObject({ status: 200, body: { ok: true } })
    await assertEverythingHolds({ nunchi })
    const incidents = await nunchi.api<{ items: object[] }>('/api/v1/incidents')
    expect(incidents.body.items).toMatchObject([
      {
        name: 'INC-1',
        title: 'Database Critical Failure',
        severity: 'critical',
        status: 'active',
        firing: 1,
        total: 1,
      },
    ])
    const messages = await nunchi.api<{ items: { body: unknown }[] }>('/api/v1/notifications/would-be')
    expect(messages.body.items).toHaveLength(1)
    expect(JSON.stringify(messages.body.items[0]?.body)).toContain('🚨 Database Critical Failure')
  }, 60_000)
})

describe('who used the alert threader', () => {
  test('finds health, statistics, cache and answers as they were', async () => {
    const slack = await startFakeSlack({ limits: 'off' })
    await using nunchi = await startNunchiWithSlack(slack)
    const answer = await nunchi.post('/alert', threaderBody())
    const ts = slack.roots(DEFAULT_CHANNEL)[0]?.ts
    expect(answer.body).toEqual({
      ok: true,
      count: 1,
      status: 'firing',
      group_key: 'test-group-1',
      thread_store: 'database',
      results: [{ key: KEY, thread_ts: ts, status: 'firing', alertname: 'TestAlert', severity: 'critical' }],
    })
    const common = { environment: 'production', thread_store: 'database', cached_threads: 1 }
    const health = await nunchi.api('/health')
    expect(health.status).toBe(200)
    expect(health.body).toEqual({ status: 'healthy', channel: DEFAULT_CHANNEL, timestamp: aTime(), ...common })
    expect((await nunchi.api('/stats')).body).toEqual({ uptime: expect.any(String), ...common })
    expect(JSON.stringify((await nunchi.api('/cache')).body)).toContain(`"${KEY}":"${ts}"`)
    await assertEverythingHolds({ nunchi, slack })

    const cleared = await fetch(`${nunchi.url}/cache`, { method: 'DELETE' })
    expect(cleared.ok).toBe(true)
    expect((await nunchi.api('/stats')).body).toMatchObject({ cached_threads: 0 })
    expect(JSON.stringify((await nunchi.api('/cache')).body)).not.toContain(KEY)
    await slack.close()
  }, 60_000)

  test('gets null for the thread while Slack is down, and the message once it is back', async () => {
    const slack = await startFakeSlack({ limits: 'off' })
    await using nunchi = await startNunchiWithSlack(slack, { env: { NUNCHI_ALERT_WAIT_MS: '1000' } })
    await slack.goDown()
    const answer = await nunchi.post<{ results: object[] }>('/alert', threaderBody())
    expect(answer.status).toBe(200)
    expect(answer.body.results).toMatchObject([{ key: KEY, thread_ts: null }])
    await slack.listen()
    await assertEverythingHolds({ nunchi, slack, allow: [/Slack/i] })
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(1)
    await slack.close()
  }, 90_000)

  test('keeps the threads in a readable file that survives a restart', async () => {
    using folder = makeTempFolder('threads')
    const file = join(folder.path, 'threads.json')
    const slack = await startFakeSlack({ limits: 'off' })
    const env = { THREAD_STORE: 'file', THREAD_STORE_FILE: file }
    await using nunchi = await startNunchiWithSlack(slack, { env })
    await nunchi.post('/alert', threaderBody())
    const ts = slack.roots(DEFAULT_CHANNEL)[0]?.ts
    const isKept = () => JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) === JSON.stringify({ [KEY]: ts })
    await waitUntil(isKept, { timeoutMs: 10_000, why: 'the thread is in the file' })
    await nunchi.restart()
    expect((await nunchi.api('/health')).body).toMatchObject({ thread_store: 'file', cached_threads: 1 })
    const resolved = await nunchi.post<{ results: object[] }>('/alert', threaderBody('resolved'))
    expect(resolved.body.results).toMatchObject([{ thread_ts: ts, status: 'resolved' }])
    await assertEverythingHolds({ nunchi, slack })
    expect(slack.replies(DEFAULT_CHANNEL, ts ?? '')).toHaveLength(1)
    await slack.close()
  }, 60_000)
})

describe('who used the incident database behind Grafana', () => {
  test('gets service information, and both statements answer on the file with what was sent', async () => {
    await using nunchi = await startNunchi()
    const info = await nunchi.api<Record<string, unknown>>('/', { accept: '*/*' })
    expect(info.headers.get('content-type')).toMatch(/^application\/json/)
    expect(info.body).toMatchObject({ service: 'nunchi', version: expect.any(String) })

    const sent = await deliverGrafana(nunchi)
    await waitUntilQuiet(nunchi)
    const alerts = await queryMain(nunchi, OPERATORS_SQL.alerts)
    const payloads = alerts.map((row) => JSON.parse(String(row['raw_payload'])))
    expect(payloads.toReversed()).toEqual(sent.alerts)
    const incidents = await queryMain(nunchi, OPERATORS_SQL.incidents)
    expect(incidents.length).toBeGreaterThan(0)
    for (const row of incidents) {
      expect(row).toMatchObject({ status: 'active', incident_key: expect.any(String), start_time: aTime() })
      expect(row).toMatchObject({ acknowledged_time: null, resolved_time: null, is_noise: 0, created_at: aTime() })
    }
    const ids = new Set(incidents.map((row) => row['incident_id']))
    expect(alerts.every((row) => ids.has(row['incident_id'] ?? ''))).toBe(true)
    expect(incidents.reduce((sum, row) => sum + Number(row['alert_count']), 0)).toBe(sent.alerts.length)
    await assertEverythingHolds({ nunchi })
  }, 60_000)
})

/** What the README tells people to send, taken from its text: what it shows must work. */
function firstAlertOfReadme(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const body = /curl -X POST \S+\/webhook\/alertmanager [^']*'content-type: application\/json' -d '([^']+)'/.exec(
    readme,
  )?.[1]
  if (body === undefined) throw new Error('The README has no first alert to send any more; this test reads it there.')
  return body
}

function threaderBody(status: 'firing' | 'resolved' = 'firing'): object {
  const labels = { alertname: 'TestAlert', severity: 'critical', service: 'database', cluster: 'production' }
  const firing = makeAlert({ labels, annotations: { summary: 'Test' }, startsAt: new Date('2026-01-05T12:00:00Z') })
  const alert = status === 'firing' ? firing : resolveAlert(firing, new Date('2026-01-05T12:10:00Z'))
  return { ...makeWebhookBody([alert]), groupKey: 'test-group-1' }
}

async function deliverGrafana(nunchi: RunningNunchi): Promise<{ readonly alerts: readonly unknown[] }> {
  const text = readFileSync(join(ROOT, 'test/samples/grafana/unified-firing.json'), 'utf8')
  expect((await nunchi.post('/webhook/grafana', text)).status).toBe(200)
  return JSON.parse(text) as { alerts: readonly unknown[] }
}

function aTime(): unknown {
  return expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/)
}
