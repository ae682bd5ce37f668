import { setTimeout as sleep } from 'node:timers/promises'
import { generateHugeGroup } from '../../test/support/generate-storms.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { type Bench, type Figure, percentile, type Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { logStateOf, waitUntilFolded } from '../support/log-state.ts'
import { folderBytes, usageOf } from '../support/process-usage.ts'
import { type SlackBench, sendCritical, startSlackBench, toldAt } from '../support/slack-bench.ts'

const CALM_PER_SECOND = 5
const STORM_ALERTS = 100_000
const MOST_CALM_MS = 1000
const MOST_STORM_MS = 2000
const MOST_STORM_MIB = 512
/** Critical alerts are sent at this pace from the moment at which the storm is being folded. */
const INJECT_EVERY_MS = 300
const PATIENCE_MS = 120_000

/** From "accepted" to the request at Slack, on a calm day and while a hundred thousand alerts are folded. */
export const slackScenario: Scenario = {
  name: 'slack',
  about: 'accepted → request at Slack: calm, and in a storm of 100,000 alerts in one POST; memory in the storm',
  run: async (bench) => {
    const { calm, storm } = await interleave(bench, { calm: () => calmRound(bench), storm: () => stormRound(bench) })
    return [
      ...latencyFigures('calm, 5 new incidents/s', calm, MOST_CALM_MS),
      ...latencyFigures('critical alerts in the storm', storm, MOST_STORM_MS),
      { name: 'storm: 62 MB POST answered', unit: 'ms', values: storm.map(({ ackMs }) => ackMs) },
      { name: 'storm: all folded after the answer', unit: 's', values: storm.map(({ foldedMs }) => foldedMs / 1000) },
      {
        name: 'storm: memory at most (RSS)',
        unit: 'MiB',
        values: storm.map(({ peakMiB }) => peakMiB),
        target: { below: MOST_STORM_MIB },
      },
      { name: 'storm: memory 10 s later', unit: 'MiB', values: storm.map(({ laterMiB }) => laterMiB) },
      { name: 'storm: CPU', unit: 'ms/alert', values: storm.map(({ cpuMs }) => cpuMs / STORM_ALERTS) },
      { name: 'storm: disk', unit: 'bytes/alert', values: storm.map(({ bytes }) => bytes / STORM_ALERTS) },
    ]
  },
}

interface Latency {
  readonly p50: number
  readonly p99: number
  readonly count: number
}

function latencyFigures(name: string, rounds: readonly Latency[], mostMs: number): readonly Figure[] {
  const remark = `${rounds[0]?.count} incidents a round`
  return [
    { name: `${name}: p50`, unit: 'ms', values: rounds.map(({ p50 }) => p50) },
    { name: `${name}: p99`, unit: 'ms', values: rounds.map(({ p99 }) => p99), target: { below: mostMs }, remark },
  ]
}

async function calmRound(bench: Bench): Promise<Latency> {
  const run = await startSlackBench(bench)
  const count = CALM_PER_SECOND * (bench.isQuick ? 5 : 30)
  try {
    await sendCritical(run.product, 'WarmUp')
    const startedAt = performance.now()
    const accepted = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await sleep(Math.max(0, startedAt + (index * 1000) / CALM_PER_SECOND - performance.now()))
        const name = `Calm${String(index).padStart(5, '0')}`
        return { name, at: await sendCritical(run.product, name) }
      }),
    )
    return await latencyOf(run, accepted)
  } finally {
    await run.stop()
  }
}

interface Storm extends Latency {
  readonly ackMs: number
  readonly foldedMs: number
  readonly peakMiB: number
  readonly laterMiB: number
  readonly cpuMs: number
  readonly bytes: number
}

async function stormRound(bench: Bench): Promise<Storm> {
  const run = await startSlackBench(bench)
  const { product } = run
  try {
    const body = Buffer.from([...generateHugeGroup({ seed: 1, alerts: STORM_ALERTS })].join(''))
    const before = usageOf(product.pid)
    const sentAt = performance.now()
    const reply = await fetch(`${product.url}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await reply.arrayBuffer()
    if (!reply.ok) throw new Error(`Nunchi answered the storm with ${reply.status}`)
    const answeredAt = performance.now()
    const accepted: { name: string; at: number }[] = []
    while (logStateOf(product.dataDir).eventsRead < STORM_ALERTS) {
      const name = `InStorm${String(accepted.length).padStart(5, '0')}`
      accepted.push({ name, at: await sendCritical(product, name) })
      await sleep(INJECT_EVERY_MS)
    }
    const foldedAt = await waitUntilFolded(product.dataDir, STORM_ALERTS + accepted.length)
    const latency = await latencyOf(run, accepted)
    const storm = usageOf(product.pid)
    await sleep(bench.isQuick ? 2_000 : 10_000)
    return {
      ...latency,
      ackMs: answeredAt - sentAt,
      foldedMs: foldedAt - answeredAt,
      peakMiB: storm.peakRssMiB,
      laterMiB: usageOf(product.pid).rssMiB,
      cpuMs: storm.cpuMs - before.cpuMs,
      bytes: folderBytes(product.dataDir),
    }
  } finally {
    await run.stop()
  }
}

/** Waits until Slack was asked about every one of them: one that is never told would be a loss and not a figure. */
async function latencyOf(
  run: SlackBench,
  accepted: readonly { readonly name: string; readonly at: number }[],
): Promise<Latency> {
  const names = accepted.map(({ name }) => name)
  const told = await waitUntil(
    async () => {
      const found = await toldAt(run.slack, names)
      return found.size === names.length ? found : null
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 500, why: 'every incident is told' },
  )
  // Both clocks are those of this machine; the request can reach Slack before the sender has read its answer.
  const latencies = accepted.map(({ name, at }) => Math.max(0, (told.get(name) ?? Number.NaN) - at))
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), count: latencies.length }
}
