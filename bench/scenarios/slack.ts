import { setTimeout as sleep } from 'node:timers/promises'
import { generateHugeGroup } from '../../test/support/generate-storms.ts'
import type { Bench, Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { logStateOf, waitUntilFolded } from '../support/log-state.ts'
import { folderBytes, usageOf } from '../support/process-usage.ts'
import { sendAtPace } from '../support/send-at-pace.ts'
import { sendCritical, startSlackBench } from '../support/slack-bench.ts'
import { type Latency, latencyFigures, latencyOf } from '../support/slack-latency.ts'

const CALM_PER_SECOND = 5
const STORM_ALERTS = 100_000
const MOST_CALM_MS = 1000
const MOST_STORM_MS = 2000
const MOST_STORM_MIB = 512
/** Critical alerts are sent at this pace from the moment at which the storm is being folded. */
const INJECT_EVERY_MS = 300

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

async function calmRound(bench: Bench): Promise<Latency> {
  const run = await startSlackBench(bench)
  const count = CALM_PER_SECOND * (bench.isQuick ? 5 : 30)
  try {
    await sendCritical(run.product, 'WarmUp')
    const accepted = await sendAtPace({ perSecond: CALM_PER_SECOND, count }, async (index) => {
      const name = `Calm${String(index).padStart(5, '0')}`
      return { name, at: await sendCritical(run.product, name) }
    })
    return await latencyOf(run.slack, accepted)
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
    const latency = await latencyOf(run.slack, accepted)
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
