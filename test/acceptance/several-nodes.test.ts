import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { SeveralNodes } from '../support/several-nodes.ts'
import { waitUntil } from '../support/wait-until.ts'

let slack: SlackProcess

beforeAll(async () => {
  slack = await startSlackProcess({ limits: 'off' })
})

afterAll(async () => {
  await slack.stop()
})

/** Load from a few senders, each of whom goes to the next node when one does not take what it sends. */
class Load {
  readonly sender: RetryingSender
  readonly #done: Promise<unknown>
  #isOver = false
  #turn = 0

  constructor(nodes: readonly RunningNunchi[], name: string) {
    const url = (): string => `${(nodes[this.#turn++ % nodes.length] as RunningNunchi).url}/webhook/alertmanager`
    this.sender = new RetryingSender({ url, source: 'alertmanager', timeoutMs: 3_000 })
    this.#done = Promise.all([0, 1, 2, 3].map((lane) => this.#run(`${name}-${lane}`)))
  }

  /** Resolves when this many more were acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.sender.acked.length + count
    await waitUntil(() => this.sender.acked.length >= wanted, { timeoutMs: 60_000, why: 'alerts are taken in' })
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#done
  }

  async #run(lane: string): Promise<void> {
    for (let count = 0; !this.#isOver; count++) {
      const alert = makeAlert({ labels: { alertname: `${lane}-${count % 20}`, severity: 'warning', instance: `${count}` } })
      await this.sender.deliver(makeWebhookBody([alert]))
      await sleep(20)
    }
  }
}

test('a node that stops gracefully gives its partitions to the others within two seconds, and nothing is lost', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const [leaving, staying] = [cluster.node(0), cluster.node(1)]
  const load = new Load(cluster.nodes, 'graceful')
  await load.more(40)
  const ended = leaving.term()
  const gapMs = await cluster.untilShared([staying])
  console.log(`graceful hand-over: ${Math.round(gapMs)} ms`)
  for (const n of cluster.nodes) console.log(n.log.slice(-12).map((l) => `${l['time']} ${l.msg} ${JSON.stringify(l['partitions']??'')}`).join('\n'))
  expect(gapMs).toBeLessThan(2_000)
  expect(await ended).toMatchObject({ code: 0 })
  await load.more(20)
  await load.end()
  await assertEverythingHolds({ nunchi: staying, slack, acked: load.sender.acked, timeoutMs: 120_000 })
  const { nodes } = await cluster.seenBy(staying)
  expect(nodes.map(({ state }) => state).toSorted()).toEqual(['stopped', 'working'])
}, 180_000)
