import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { buildPipelineWatch, type PipelineWatching } from '../../src/app/build-pipeline-watch.ts'
import { readConfig } from '../../src/app/config.ts'
import { createNewId } from '../../src/store/new-id.ts'
import { makeAlert, makeWebhookBody, resolve } from '../support/generate-alerts.ts'
import { HeartbeatReceiver } from '../support/heartbeat-receiver.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { type RunningNunchi, startNunchi } from '../support/run-nunchi.ts'
import { waitUntil } from '../support/wait-until.ts'

const MINUTE = 60_000
const NEVER = new AbortController().signal

/** What of the engine runs in a minute of the test's clock. */
type Alive = 'all' | 'no-fold' | 'no-jobs'

/** The product with a clock that the test turns, and what watches it. */
class Watched implements AsyncDisposable {
  readonly nunchi: InProcessNunchi
  readonly receiver: HeartbeatReceiver
  readonly #watching: PipelineWatching

  private constructor(nunchi: InProcessNunchi, receiver: HeartbeatReceiver, watching: PipelineWatching) {
    this.nunchi = nunchi
    this.receiver = receiver
    this.#watching = watching
  }

  static async start(sources: readonly object[] = []): Promise<Watched> {
    const receiver = await HeartbeatReceiver.start()
    const yaml = JSON.stringify({ sources, heartbeat: { url: receiver.url } })
    const nunchi = await InProcessNunchi.start({ config: yaml })
    const read = readConfig({ env: { NUNCHI_CONFIG: 'nunchi.yaml' }, readFile: () => yaml })
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const watching = buildPipelineWatch(read.config, {
      db: nunchi.db,
      log: nunchi.log,
      logger: nunchi.logger,
      now: () => nunchi.now,
      newId: createNewId(),
      wake: () => undefined,
      // The test ticks.
      once: () => ({ close: async () => undefined }),
    })
    return new Watched(nunchi, receiver, watching)
  }

  get problem(): string | null {
    return this.#watching.heartbeat?.state.problem?.problem ?? null
  }

  /** Lets a time pass, a quarter of a minute after the other; says how many heartbeats came. */
  async pass(ms: number, alive: Alive = 'all', during: () => Promise<void> = async () => undefined): Promise<number> {
    const before = this.receiver.beats
    for (const end = this.nunchi.now + ms; this.nunchi.now < end; ) {
      this.nunchi.now += 15_000
      await during()
      await this.#watching.watch?.tick(NEVER)
      if (alive === 'all') await this.nunchi.drain()
      else if (alive === 'no-jobs') await this.nunchi.engine.consumers.drain()
      else await this.nunchi.engine.worker.drain()
    }
    return this.receiver.beats - before
  }

  async incidents(): Promise<readonly string[]> {
    const rows = await this.nunchi.db
      .selectFrom('incident')
      .select(['title', 'status_rank'])
      .orderBy('number')
      .execute()
    return rows.map(({ title, status_rank }) => `${title}: ${status_rank === 2 ? 'resolved' : 'open'}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watching.close()
    await this.nunchi.stop()
    await this.receiver[Symbol.asyncDispose]()
  }
}

describe('the outgoing heartbeat', () => {
  test('comes about every minute as long as everything works', async () => {
    await using watched = await Watched.start()
    const beats = await watched.pass(20 * MINUTE)
    expect(beats).toBeGreaterThanOrEqual(19)
    expect(beats).toBeLessThanOrEqual(21)
    expect(watched.problem).toBeNull()
    expect(await watched.incidents()).toEqual([])
  })

  const stages: readonly [alive: Alive, what: string][] = [
    ['no-jobs', 'the dispatcher alone stands still'],
    ['no-fold', 'the fold alone stands still'],
  ]
  for (const [alive, what] of stages) {
    test(`stops within two minutes when ${what}, and goes on when it moves again`, async () => {
      await using watched = await Watched.start()
      await watched.pass(5 * MINUTE)
      await watched.pass(2 * MINUTE, alive)
      expect(await watched.pass(10 * MINUTE, alive)).toBe(0)
      expect(watched.problem).toMatch(/did not go all the way/)
      expect(await watched.pass(2 * MINUTE)).toBeGreaterThanOrEqual(1)
      expect(watched.problem).toBeNull()
    })
  }

  test('stops when nothing can be taken in', async () => {
    await using watched = await Watched.start()
    await watched.pass(5 * MINUTE)
    await watched.nunchi.log.close()
    expect(await watched.pass(5 * MINUTE)).toBe(0)
  })

  test('a receiver that refuses is a problem to be read, without its address', async () => {
    await using watched = await Watched.start()
    watched.receiver.status = 404
    await watched.pass(3 * MINUTE)
    expect(watched.problem).toBe('The receiver of the heartbeat answered 404')
  })
})

describe('an alert that always fires', () => {
  const SOURCE = { name: 'alertmanager', kind: 'alertmanager', watchdog: { after: '5m' } }
  const watchdog = makeAlert({
    labels: { alertname: 'Watchdog', severity: 'none' },
    startsAt: new Date('2026-01-01T00:00:00Z'),
  })
  const send = (watched: Watched) => async () => void (await watched.nunchi.receive(makeWebhookBody([watchdog])))

  test('opens no incident while it comes', async () => {
    await using watched = await Watched.start([SOURCE])
    await watched.pass(20 * MINUTE, 'all', send(watched))
    expect(await watched.incidents()).toEqual([])
    expect(await watched.nunchi.db.selectFrom('alert').select('title').execute()).toEqual([])
    await watched.nunchi.assertInvariants()
  })

  test('opens one incident when it stops coming, which resolves when it is back', async () => {
    await using watched = await Watched.start([SOURCE])
    await watched.pass(10 * MINUTE, 'all', send(watched))
    await watched.pass(4 * MINUTE)
    expect(await watched.incidents()).toEqual([])
    await watched.pass(30 * MINUTE)
    expect(await watched.incidents()).toEqual(['No watchdog from alertmanager for 5 min: open'])
    await watched.pass(MINUTE, 'all', send(watched))
    expect(await watched.incidents()).toEqual(['No watchdog from alertmanager for 5 min: resolved'])
  })

  test('is missed when it comes as resolved, and when it never came at all', async () => {
    await using watched = await Watched.start([SOURCE])
    const over = async () =>
      void (await watched.nunchi.receive(makeWebhookBody([resolve(watchdog, new Date(watched.nunchi.now))])))
    await watched.pass(6 * MINUTE, 'all', over)
    expect(await watched.incidents()).toEqual(['No watchdog from alertmanager for 5 min: open'])
  })

  test('is not missed while it waits in a backlog of ours', async () => {
    await using watched = await Watched.start([SOURCE])
    await watched.pass(10 * MINUTE, 'all', send(watched))
    await watched.pass(10 * MINUTE, 'no-fold', send(watched))
    await watched.pass(MINUTE, 'all', send(watched))
    expect(await watched.incidents()).toEqual([])
  })

  test('is not missed because Nunchi was away', async () => {
    await using watched = await Watched.start([SOURCE])
    await watched.pass(10 * MINUTE, 'all', send(watched))
    watched.nunchi.now += 60 * MINUTE
    await watched.pass(2 * MINUTE)
    expect(await watched.incidents()).toEqual([])
    await watched.pass(4 * MINUTE)
    expect(await watched.incidents()).toEqual(['No watchdog from alertmanager for 5 min: open'])
  })
})

test('a source that falls silent opens an incident, which resolves with its next delivery', async () => {
  await using watched = await Watched.start([{ name: 'alertmanager', kind: 'alertmanager', silentAfter: '10m' }])
  const send = async () => void (await watched.nunchi.receive(makeWebhookBody([])))
  await watched.pass(15 * MINUTE, 'all', send)
  expect(await watched.incidents()).toEqual([])
  await watched.pass(11 * MINUTE)
  expect(await watched.incidents()).toEqual(['Nothing came from alertmanager for 10 min: open'])
  await watched.pass(MINUTE, 'all', send)
  expect(await watched.incidents()).toEqual(['Nothing came from alertmanager for 10 min: resolved'])
})

test('an incident of a switch that the configuration names no more is resolved', async () => {
  await using watched = await Watched.start([{ name: 'alertmanager', kind: 'alertmanager', silentAfter: '10m' }])
  const labels = { alertname: 'NunchiSourceSilent', severity: 'error', service: 'nunchi', source: 'removed' }
  const alerts = [{ status: 'firing', labels, annotations: { summary: 'Nothing came from removed for 1 h' } }]
  await watched.nunchi.receive({ alerts }, 'nunchi')
  await watched.nunchi.drain()
  expect(await watched.incidents()).toEqual(['Nothing came from removed for 1 h: open'])
  await watched.pass(MINUTE)
  expect(await watched.incidents()).toEqual(['Nothing came from removed for 1 h: resolved'])
})

describe('the product as it runs', () => {
  const config = (url: string, more: object = {}) => ({
    heartbeat: { url, every: '1s' },
    sources: [{ name: 'alertmanager', kind: 'alertmanager', ...more }],
  })

  test('sends heartbeats, which end with it', async () => {
    await using receiver = await HeartbeatReceiver.start()
    await using nunchi = await startNunchi({ config: config(receiver.url) })
    await waitForBeats(receiver, 3, nunchi)
    const { body } = await nunchi.api<string>('/metrics')
    expect(body).toMatch(/^nunchi_heartbeats_total\{outcome="taken"\} [1-9]/m)
    expect(body).toMatch(
      /^nunchi_pipeline_proven_timestamp_seconds 1\.\d+e\+?9|^nunchi_pipeline_proven_timestamp_seconds \d+/m,
    )
    expect(JSON.stringify((await nunchi.api('/health')).body)).not.toContain('heartbeat')
    nunchi.signal('SIGSTOP')
    await sleep(300)
    const before = receiver.beats
    await sleep(3_000)
    expect(receiver.beats).toBe(before)
    nunchi.signal('SIGCONT')
    await waitForBeats(receiver, before + 2, nunchi)
    await assertEverythingHolds({ nunchi, isQuiet: false })
  }, 60_000)

  test('misses a watchdog, and knows it again after a restart', async () => {
    await using receiver = await HeartbeatReceiver.start()
    await using nunchi = await startNunchi({ config: config(receiver.url, { watchdog: { after: '10s' } }) })
    const watchdog = makeAlert({ labels: { alertname: 'Watchdog' }, startsAt: new Date(Date.now() - 60_000) })
    await nunchi.post('/webhook/alertmanager', makeWebhookBody([watchdog]))
    await waitForIncident(nunchi, 'active')
    await nunchi.restart()
    await nunchi.post('/webhook/alertmanager', makeWebhookBody([watchdog]))
    await waitForIncident(nunchi, 'resolved')
    const { body } = await nunchi.api<{ items: unknown[] }>('/api/v1/incidents')
    expect(body.items).toHaveLength(1)
    expect(
      (await nunchi.api<{ items: { name: string; isConfigured: boolean }[] }>('/api/v1/sources')).body.items,
    ).toContainEqual(expect.objectContaining({ name: 'nunchi', isConfigured: true }))
  }, 90_000)
})

async function waitForBeats(receiver: HeartbeatReceiver, count: number, nunchi: RunningNunchi): Promise<void> {
  const describe = () => nunchi.logTail(20)
  await waitUntil(() => receiver.beats >= count, { timeoutMs: 20_000, why: `${count} heartbeats came`, describe })
}

async function waitForIncident(nunchi: RunningNunchi, status: string): Promise<void> {
  await waitUntil(
    async () => {
      const { body } = await nunchi.api<{ items: { title: string; status: string }[] }>('/api/v1/incidents')
      return body.items.some((incident) => incident.title.startsWith('No watchdog') && incident.status === status)
    },
    {
      timeoutMs: 40_000,
      intervalMs: 200,
      why: `the missing watchdog is ${status}`,
      describe: () => nunchi.logTail(20),
    },
  )
}
