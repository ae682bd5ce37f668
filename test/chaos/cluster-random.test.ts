import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ChaosStage, type StageKind } from '../support/chaos-stage.ts'
import { makeAlert, makeWebhookBody, seededRandom } from '../support/generate-alerts.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { sendRestlessAlerts } from '../support/restless-alerts.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'

/** Of trouble, for each kind of storage; see README.md for the long run. */
const SECONDS = Number(process.env['NUNCHI_CLUSTER_CHAOS_SECONDS'] ?? 20)
const SEED = Number(process.env['NUNCHI_SEED'] ?? Date.now() % 1_000_000)
const GROUPS = 40
const LONGEST_PAUSE_MS = 400
const MOST_STARTS = 20

/** While servers are away the nodes say so; what else they log as an error is a fault of theirs. */
const TROUBLE = [
  /paused/i,
  /could not be/i,
  /did not reach/i,
  /has lost partitions/,
  /unavailable/i,
  /database/i,
  /Repeated work failed/,
  /connection/i,
]

test.each(['postgres', 'mariadb', 'jetstream', 'galera'] as const)(
  `three nodes on %s, whatever dies for ${SECONDS} seconds: nothing lost, no incident and no root twice`,
  async (kind) => {
    const random = seededRandom(SEED + kind.length)
    const done: Record<string, number> = {}
    await using stage = await ChaosStage.start(kind)
    // Tries end before the load balancer's, as those of real senders do.
    const sender = new RetryingSender({
      url: () => `${stage.haproxy.url}/webhook/alertmanager`,
      source: 'alertmanager',
      timeoutMs: 8_000,
    })
    let isOver = false
    const plan = { seed: SEED, groups: GROUPS, longestPauseMs: LONGEST_PAUSE_MS }
    const load = sendRestlessAlerts(sender, plan, () => isOver)
    try {
      await makeTrouble(stage, kind, random, done)
      await stage.calm()
      isOver = true
      await load
      expect(sender.dropped).toEqual([])
      expect(sender.acked.length).toBeGreaterThan(100)
      const [nunchi] = stage.cluster.nodes
      if (nunchi === undefined) throw new Error('There is no node')
      await assertEverythingHolds({
        nunchi,
        slack: stage.slack,
        acked: sender.acked,
        allow: TROUBLE,
        timeoutMs: 240_000,
      })
      console.log(
        `${kind}, NUNCHI_SEED=${SEED}, ${SECONDS} s of trouble: ${sender.acked.length} alerts acknowledged, ${sender.retries} retries, ${JSON.stringify(done)}`,
      )
    } catch (error) {
      const logs = stage.cluster.nodes.map((node) => node.logTail(15)).join('\n---\n')
      throw new Error(
        `Failed with NUNCHI_SEED=${SEED} on ${kind} after ${JSON.stringify(done)}: ${String(error)}\n${logs}`,
        {
          cause: error,
        },
      )
    } finally {
      isOver = true
      sender.stop()
      await load
    }
  },
  SECONDS * 1_000 + 480_000,
)

/** Nodes and servers have their troubles side by side; on each side one comes after the other, every one of them once before any comes again. */
async function makeTrouble(
  stage: ChaosStage,
  kind: StageKind,
  random: () => number,
  done: Record<string, number>,
): Promise<void> {
  const end = Date.now() + SECONDS * 1_000
  const oneSide = async (troubles: readonly Trouble[], dice: () => number): Promise<void> => {
    for (let deck: Trouble[] = []; Date.now() < end; ) {
      if (deck.length === 0) deck = shuffled(troubles, dice)
      const { name, make } = deck.pop() as Trouble
      await make(stage, dice)
      done[name] = (done[name] ?? 0) + 1
      await sleep(dice() * 1_500)
    }
  }
  const onServers = TROUBLES_OF_SERVERS.filter(({ on }) => on === undefined || on === kind)
  // Each side has its own dice: who is faster does not change what the other one does.
  const [one, other] = [seededRandom(random() * 2 ** 31), seededRandom(random() * 2 ** 31)]
  await Promise.all([oneSide(TROUBLES_OF_NODES, one), oneSide(onServers, other)])
}

/** What only this storage has is taken first: a short run may not come to the end. */
function shuffled(troubles: readonly Trouble[], random: () => number): Trouble[] {
  const dealt = troubles.map((trouble) => ({ trouble, place: random() + (trouble.on === undefined ? 0 : 1) }))
  return dealt.toSorted((a, b) => a.place - b.place).map(({ trouble }) => trouble)
}

interface Trouble {
  readonly name: string
  /** Only where this is the storage; absent = everywhere. */
  readonly on?: StageKind
  readonly make: (stage: ChaosStage, random: () => number) => Promise<void>
}

const TROUBLES_OF_NODES: readonly Trouble[] = [
  {
    name: 'killed a node',
    make: async ({ cluster }, random) => {
      const node = pick(cluster.nodes, random)
      await node.kill9()
      await sleep(random() * 3_000)
      await startAgain(node)
    },
  },
  {
    name: 'stopped a node gracefully',
    make: async ({ cluster }, random) => {
      const node = pick(cluster.nodes, random)
      // The database may be away just then: that it ends by itself all the same is what counts.
      expect(await node.term()).toMatchObject({ signal: null })
      await sleep(random() * 1_000)
      await startAgain(node)
    },
  },
  {
    name: 'froze a node',
    make: async ({ cluster }, random) => {
      const node = pick(cluster.nodes, random)
      node.signal('SIGSTOP')
      // Sometimes longer than its leases last.
      await sleep(random() * 14_000)
      node.signal('SIGCONT')
    },
  },
]

const TROUBLES_OF_SERVERS: readonly Trouble[] = [
  {
    name: 'killed a database server',
    make: ({ database }, random) => database.crash(random),
  },
  {
    name: 'froze a database server',
    on: 'galera',
    // Sometimes so long that the others go on without it.
    make: ({ database }, random) => database.freeze(random, 9_000),
  },
  {
    name: 'killed all connections',
    make: async ({ database }, random) => {
      for (let round = 0; round < 3; round++) {
        await database.killConnections()
        await sleep(random() * 1_000)
      }
    },
  },
  {
    name: 'cut connections in the middle of what they said',
    make: async ({ proxy }, random) => {
      for (let round = 0; round < 5; round++) {
        proxy.resetAfter(random() < 0.7 ? 'up' : 'down', Math.floor(random() * 20_000))
        await sleep(random() * 400)
      }
    },
  },
  {
    name: 'slowed the database down',
    make: async ({ proxy }, random) => {
      proxy.delayMs = random() * 1_500
      await sleep(random() * 4_000)
      proxy.delayMs = 0
    },
  },
  {
    name: 'left the database half open',
    make: async ({ proxy }, random) => {
      proxy.mode = 'half-open'
      await sleep(random() * 5_000)
      proxy.mode = 'drop'
      proxy.mode = 'forward'
    },
  },
  {
    name: 'killed a NATS server',
    on: 'jetstream',
    make: async ({ nats }, random) => {
      if (nats === null) return
      const server = pick(nats.servers, random)
      await server.kill9()
      await sleep(random() * 4_000)
      await nats.restart()
    },
  },
  {
    name: 'lost answers of Slack',
    make: async ({ slack }) => {
      await slack.addFault({ fault: { kind: 'accept-then-drop' }, method: 'chat.postMessage', times: 3 })
    },
  },
  {
    name: 'sent the same body to every node, many times',
    make: async ({ cluster }, random) => {
      const groupLabels = { alertname: `Same${Math.floor(random() * 1_000_000)}` }
      const labels = { ...groupLabels, severity: 'critical', service: 'shop' }
      const text = JSON.stringify(makeWebhookBody([makeAlert({ labels, startsAt: new Date() })], { groupLabels }))
      const sends = cluster.nodes.flatMap(({ url }) =>
        Array.from({ length: 30 }, () => postOnce(`${url}/webhook/alertmanager`, text)),
      )
      await Promise.all(sends)
    },
  },
]

/** A program that finds no database at its start says so and ends; who runs it starts it again. */
async function startAgain(node: RunningNunchi): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await node.restart()
    } catch (error) {
      if (attempt === MOST_STARTS) throw error
      await sleep(500)
    }
  }
}

/** Whether it is taken does not matter here: what matters is that it is never two incidents. */
async function postOnce(url: string, body: string): Promise<void> {
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(8_000) }).catch(() => null)
  await answer?.arrayBuffer().catch(() => null)
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}
