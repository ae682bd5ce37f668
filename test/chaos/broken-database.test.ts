import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChaosStage } from '../support/chaos-stage.ts'
import type { AckedAlert } from '../support/check-invariants.ts'
import { countDeliveries } from '../support/delivery-log-state.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { slownessOfMachine } from '../support/slowness-of-machine.ts'
import { SteadyLoad } from '../support/steady-load.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Alertmanager waits ten seconds and no longer. */
const MOST_MS = 8_000
/** What a node has where nobody says anything else. */
const DEFAULTS = { DATABASE_CONNECT_TIMEOUT: '2s', DATABASE_STATEMENT_TIMEOUT: '5s' }
const TROUBLE = [
  /paused/i,
  /could not be/i,
  /did not reach/i,
  /has lost partitions/,
  /database/i,
  /Repeated work failed/,
]
/** How both protocols say it. */
const COMMIT = { postgres: 'commit\0', mariadb: 'commit' } as const
const LOST_ANSWERS = 40

describe.each(['postgres', 'mariadb'] as const)('three nodes on %s', (kind) => {
  let stage: ChaosStage

  beforeAll(async () => {
    stage = await ChaosStage.start(kind, DEFAULTS)
  }, 120_000)
  afterAll(() => stage.stop(), 60_000)

  /** What every node answers while `fault` lasts, and that all is as it should be when it is over: nobody restarts a node. */
  async function whatIsAnsweredWhile(name: string, fault: () => Promise<unknown>): Promise<Outcome> {
    const { nodes } = stage.cluster
    const load = new SteadyLoad(nodes, name)
    await load.more(40)
    const probes = nodes.map((node, i) => new Probe(node, `${name}-probe-${i}`))
    await fault()
    await waitUntil(async () => (await Promise.all(nodes.map(isReady))).every(Boolean), {
      timeoutMs: 60_000,
      why: 'every node is ready again',
    })
    await Promise.all(probes.map((probe) => probe.end()))
    await load.more(20)
    await load.end()
    await stage.cluster.untilShared(nodes, 60_000)
    const acked = [...load.sender.acked, ...probes.flatMap((probe) => probe.acked)]
    const [nunchi] = nodes as [RunningNunchi]
    await assertEverythingHolds({ nunchi, slack: stage.slack, acked, allow: TROUBLE, timeoutMs: 120_000 })
    for (const node of nodes) node.assertNoErrorLogs({ allow: TROUBLE })
    const answers = probes.flatMap((probe) => probe.answers)
    const slowest = Math.max(...answers.map(({ ms }) => ms))
    const refused = answers.filter(({ status }) => status === 503).length
    console.log(`${kind}, ${name}: ${answers.length} answers, ${refused} of them 503, the slowest after ${slowest} ms`)
    expect(new Set(answers.map(({ status }) => status)).isSubsetOf(new Set([200, 503]))).toBe(true)
    expect(slowest).toBeLessThan(MOST_MS * slownessOfMachine())
    return { answers, acked }
  }

  test('answer 503 and nothing else while their database is killed and away, and go on by themselves when it is back', async () => {
    const { answers } = await whatIsAnsweredWhile('killed', () => stage.database.crash(() => 1))
    expect(answers.some(({ status }) => status === 503)).toBe(true)
  }, 240_000)

  test('lose nothing and tell nothing twice while all their connections are ended every two seconds', async () => {
    await whatIsAnsweredWhile('ended', async () => {
      for (let round = 0; round < 6; round++) {
        await stage.database.killConnections()
        await sleep(2_000)
      }
    })
  }, 240_000)

  test('answer 503 in time while their database answers nothing', async () => {
    const { answers } = await whatIsAnsweredWhile('silent', async () => {
      stage.proxy.mode = 'half-open'
      await sleep(12_000)
      stage.proxy.mode = 'drop'
      stage.proxy.mode = 'forward'
    })
    expect(answers.some(({ status }) => status === 503)).toBe(true)
  }, 240_000)

  test('answer 503 in time while their database needs five seconds for everything', async () => {
    const { answers } = await whatIsAnsweredWhile('slow', async () => {
      stage.proxy.delayMs = 5_000
      await sleep(15_000)
      stage.proxy.delayMs = 0
    })
    expect(answers.some(({ status }) => status === 503)).toBe(true)
  }, 240_000)

  test('count once what was stored, and sent again because the answer to its commit was lost', async () => {
    const [nunchi] = stage.cluster.nodes as [RunningNunchi]
    const before = await countDeliveries(nunchi)
    const { answers, acked } = await whatIsAnsweredWhile('unknown', async () => {
      stage.proxy.loseAnswersTo(COMMIT[kind], LOST_ANSWERS)
      await waitUntil(() => stage.proxy.answersToLose === 0, { timeoutMs: 60_000, why: 'the answers are lost' })
    })
    expect(answers.some(({ status }) => status === 503)).toBe(true)
    // Some of what was answered 503 is stored, and most of it a second time.
    expect((await countDeliveries(nunchi)) - before).toBeGreaterThan(acked.length)
  }, 240_000)
})

test('nodes whose log is a stream stay ready and take alerts in while their database is away, and fold them when it is back', async () => {
  await using stage = await ChaosStage.start('jetstream', DEFAULTS)
  const { nodes } = stage.cluster
  const sender = new RetryingSender({ url: () => `${stage.haproxy.url}/webhook/alertmanager`, source: 'alertmanager' })
  const send = (name: string) =>
    sender.deliver(makeWebhookBody([makeAlert({ labels: { alertname: name, severity: 'warning' } })]))
  await send('before')
  stage.proxy.mode = 'drop'
  const over = performance.now() + 14_000
  const answers = new Set<number>()
  for (let count = 0; performance.now() < over; count++) {
    await send(`away-${count % 10}`)
    for (const node of nodes) answers.add((await node.api('/readyz')).status)
    await sleep(100)
  }
  expect([...answers]).toEqual([200])
  expect(sender.retries).toBe(0)
  stage.proxy.mode = 'forward'
  await stage.cluster.untilShared(nodes, 60_000)
  await send('after')
  const [nunchi] = nodes as [RunningNunchi]
  const { slack } = stage
  await assertEverythingHolds({ nunchi, slack, acked: sender.acked, allow: TROUBLE, timeoutMs: 120_000 })
}, 240_000)

interface Outcome {
  readonly answers: readonly Answer[]
  readonly acked: readonly AckedAlert[]
}

interface Answer {
  readonly status: number
  readonly ms: number
}

/** Tells one node of a new alert again and again, and never waits for what came before to be taken. */
class Probe {
  readonly answers: Answer[] = []
  readonly acked: AckedAlert[] = []
  readonly #node: RunningNunchi
  readonly #name: string
  readonly #done: Promise<void>
  #isOver = false

  constructor(node: RunningNunchi, name: string) {
    this.#node = node
    this.#name = name
    this.#done = this.#run()
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#done
  }

  async #run(): Promise<void> {
    const sends: Promise<void>[] = []
    for (let count = 0; !this.#isOver; count++) {
      sends.push(this.#send(count))
      await sleep(250)
    }
    await Promise.all(sends)
  }

  async #send(count: number): Promise<void> {
    const labels = { alertname: `${this.#name}-${count % 10}`, severity: 'warning', instance: `${count}` }
    const alert = makeAlert({ labels })
    const started = performance.now()
    const { status } = await this.#node.post('/webhook/alertmanager', makeWebhookBody([alert]))
    this.answers.push({ status, ms: Math.round(performance.now() - started) })
    if (status === 200) this.acked.push({ source: 'alertmanager', alert })
  }
}

async function isReady(node: RunningNunchi): Promise<boolean> {
  return (await node.api('/readyz')).status === 200
}
