import { type Bench, type Figure, figuresFrom, type Scenario } from '../support/figure.ts'
import { foldAlone } from '../support/fold-alone.ts'
import { interleave } from '../support/interleave.ts'
import type { AlertStream } from '../support/load/load-spec.ts'
import { runLoad } from '../support/load/run-load.ts'
import { waitUntilFolded } from '../support/log-state.ts'
import { folderBytes, usageOf } from '../support/process-usage.ts'
import { type Product, startProduct } from '../support/start-product.ts'

const PER_REQUEST = 10
const GROUPS = 500
const CONNECTIONS = 16
const TARGET_RATE = 20_000
const MOST_ACK_MS = 50

/** What happens to the same alerts one after another: they are new, they are repeated, they end. */
const PHASES = [
  { name: 'new', status: 'firing' },
  { name: 'repeated', status: 'firing' },
  { name: 'resolved', status: 'resolved' },
] as const
type PhaseName = (typeof PHASES)[number]['name']

/** How many alerts a second become parts of incidents, and what senders notice of it. */
export const foldScenario: Scenario = {
  name: 'fold',
  about: 'alerts folded per second on embedded storage: in a burst, at a steady rate, and without HTTP',
  run: async (bench) => [...(await bursts(bench)), ...(await steadyRate(bench)), ...(await alone(bench))],
}

interface Burst {
  readonly perSecond: number
  readonly ack99: number
  readonly cpuMsPerAlert: number
  readonly bytesPerAlert: number
}

/** Everything is sent as fast as it is accepted; the time runs from the first request to the last fold. */
async function bursts(bench: Bench): Promise<readonly Figure[]> {
  bench.say('bursts')
  const { rounds } = await interleave(bench, { rounds: () => burstOfEveryPhase(bench) })
  return PHASES.flatMap(({ name }) => {
    const figure = figuresFrom(`burst of ${name} alerts`, rounds)
    return [
      figure('folded', 'alerts/s', (round) => round[name].perSecond, { atLeast: TARGET_RATE }),
      figure('ack p99 meanwhile', 'ms', (round) => round[name].ack99),
      figure('CPU', 'ms/alert', (round) => round[name].cpuMsPerAlert),
      figure('disk', 'bytes/alert', (round) => round[name].bytesPerAlert),
    ]
  })
}

async function burstOfEveryPhase(bench: Bench): Promise<Readonly<Record<PhaseName, Burst>>> {
  const alerts = bench.isQuick ? 50_000 : 200_000
  const product = await startProduct(bench)
  const startsAt = Date.now() - 60_000
  const found: Partial<Record<PhaseName, Burst>> = {}
  try {
    for (const [index, { name, status }] of PHASES.entries()) {
      const before = { at: performance.now(), usage: usageOf(product.pid), bytes: folderBytes(product.dataDir) }
      const load = await runLoad({
        port: product.port,
        path: '/webhook/alertmanager',
        alerts: streamOf(alerts, status, startsAt),
        loop: {
          kind: 'closed',
          connections: CONNECTIONS,
          warmUpMs: 0,
          durationMs: 300_000,
          mostRequests: alerts / PER_REQUEST,
        },
      })
      const foldedAt = await waitUntilFolded(product.dataDir, alerts * (index + 1))
      found[name] = {
        perSecond: (alerts * 1000) / (foldedAt - before.at),
        ack99: load.latencyMs.p99,
        cpuMsPerAlert: (usageOf(product.pid).cpuMs - before.usage.cpuMs) / alerts,
        bytesPerAlert: (folderBytes(product.dataDir) - before.bytes) / alerts,
      }
    }
    return found as Record<PhaseName, Burst>
  } finally {
    await product.stop()
    product.remove()
  }
}

interface Steady {
  readonly ack50: number
  readonly ack99: number
  /** How long after the last answer everything was folded: it grows without end where folding does not keep up. */
  readonly lagMs: number
}

/** New alerts arrive at the target's rate; what matters is whether folding keeps up and what senders wait. */
async function steadyRate(bench: Bench): Promise<readonly Figure[]> {
  bench.say(`steady ${TARGET_RATE} new alerts/s`)
  const { rounds } = await interleave(bench, { rounds: () => steadyRound(bench) })
  const name = `steady ${TARGET_RATE} new alerts/s`
  return [
    { name: `${name}: ack p50`, unit: 'ms', values: rounds.map(({ ack50 }) => ack50) },
    { name: `${name}: ack p99`, unit: 'ms', values: rounds.map(({ ack99 }) => ack99), target: { below: MOST_ACK_MS } },
    {
      name: `${name}: all folded after the last answer`,
      unit: 'ms',
      values: rounds.map(({ lagMs }) => lagMs),
      target: { below: 1000 },
    },
  ]
}

async function steadyRound(bench: Bench): Promise<Steady> {
  const product: Product = await startProduct(bench)
  const seconds = bench.isQuick ? 4 : 15
  const alerts = TARGET_RATE * seconds
  try {
    const load = await runLoad({
      port: product.port,
      path: '/webhook/alertmanager',
      alerts: streamOf(alerts, 'firing', Date.now() - 60_000),
      loop: {
        kind: 'open',
        perSecond: TARGET_RATE / PER_REQUEST,
        mostConnections: 256,
        warmUpMs: 1000,
        durationMs: seconds * 1000,
        mostRequests: alerts / PER_REQUEST,
      },
    })
    const endedAt = performance.now()
    const foldedAt = await waitUntilFolded(product.dataDir, alerts)
    return { ack50: load.latencyMs.p50, ack99: load.latencyMs.p99, lagMs: Math.max(0, foldedAt - endedAt) }
  } finally {
    await product.stop()
    product.remove()
  }
}

/** The engine alone in this process: the log is full, nothing else runs. */
async function alone(bench: Bench): Promise<readonly Figure[]> {
  bench.say('without HTTP')
  const { rounds } = await interleave(bench, { rounds: () => foldAlone(bench.isQuick ? 20_000 : 100_000) })
  return PHASES.map(({ name }) => ({
    name: `without HTTP: ${name} alerts folded`,
    unit: 'alerts/s',
    values: rounds.map((round) => round[name]),
  }))
}

function streamOf(alerts: number, status: AlertStream['status'], startsAt: number): AlertStream {
  return { form: 'webhook', alertsPerRequest: PER_REQUEST, distinct: alerts, groups: GROUPS, status, startsAt }
}
