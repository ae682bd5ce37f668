import { DEFAULT_USER } from '../../test/support/fake-slack/fake-slack.ts'
import type { SlackMessage } from '../../test/support/fake-slack/workspace.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { BY_SEVERITY, CRITICAL_CHANNEL, WARNING_CHANNEL } from '../support/by-severity.ts'
import type { Bench, Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { runLoad } from '../support/load/run-load.ts'
import { sendAtPace } from '../support/send-at-pace.ts'
import { type SlackBench, sendCritical, startSlackBench } from '../support/slack-bench.ts'
import { type Latency, latencyFigures, summarize } from '../support/slack-latency.ts'

const PER_SECOND = 5
/** Slack shows an error after three seconds; people notice much less. */
const MOST_MS = 1_000
const BURST = { alertsPerRequest: 10, distinct: 200_000, groups: 500, connections: 16 }

/** How long a click waits for its answer. */
export const slackClicksScenario: Scenario = {
  name: 'slack-clicks',
  about: 'a click in Slack → its answer: calm, and while a burst of alerts is folded',
  run: async (bench) => {
    const { calm, burst } = await interleave(bench, { calm: () => calmRound(bench), burst: () => burstRound(bench) })
    return [
      ...latencyFigures('click → answer, calm', calm, MOST_MS),
      ...latencyFigures('click → answer in a burst', burst, MOST_MS),
      { name: 'the burst meanwhile', unit: 'alerts/s', values: burst.map(({ alertsPerSecond }) => alertsPerSecond) },
    ]
  },
}

async function calmRound(bench: Bench): Promise<Latency> {
  const run = await startClicks(bench)
  try {
    return await clickAll(run, await rootsToClick(run, countOf(bench)))
  } finally {
    await run.stop()
  }
}

async function burstRound(bench: Bench): Promise<Latency & { readonly alertsPerSecond: number }> {
  const run = await startClicks(bench)
  try {
    const roots = await rootsToClick(run, countOf(bench))
    const { connections, ...stream } = BURST
    const [load, latency] = await Promise.all([
      runLoad({
        port: run.product.port,
        path: '/webhook/alertmanager',
        alerts: { form: 'webhook', ...stream, status: 'firing', startsAt: Date.now() - 60_000 },
        loop: { kind: 'closed', connections, warmUpMs: 0, durationMs: (roots.length * 2 * 1000) / PER_SECOND },
      }),
      clickAll(run, roots),
    ])
    return { ...latency, alertsPerSecond: load.acceptedPerSecond * stream.alertsPerRequest }
  } finally {
    await run.stop()
  }
}

function countOf(bench: Bench): number {
  return bench.isQuick ? 40 : 100
}

async function startClicks(bench: Bench): Promise<SlackBench> {
  const channels = [CRITICAL_CHANNEL, WARNING_CHANNEL]
  return await startSlackBench(bench, { channels, config: BY_SEVERITY, hasClicks: true })
}

/** Opens so many incidents and waits until each has a message with buttons. */
async function rootsToClick({ product, slack }: SlackBench, count: number): Promise<readonly SlackMessage[]> {
  for (let index = 0; index < count; index += 1) await sendCritical(product, `Click${String(index).padStart(5, '0')}`)
  return await waitUntil(
    async () => {
      const roots = (await slack.messages(CRITICAL_CHANNEL)).filter(({ threadTs }) => threadTs === undefined)
      return roots.length === count ? roots : null
    },
    { timeoutMs: 60_000, intervalMs: 200, why: 'every incident has a message' },
  )
}

/** Acknowledges all of them, then resolves all of them: two clicks each. */
async function clickAll({ slack }: SlackBench, roots: readonly SlackMessage[]): Promise<Latency> {
  const person = slack.person(DEFAULT_USER)
  const times: number[] = []
  for (const actionId of ['nunchi:acknowledge', 'nunchi:resolve']) {
    const pace = { perSecond: PER_SECOND, count: roots.length }
    const clicked = await sendAtPace(pace, async (index) => {
      const { channel, ts } = roots[index] as SlackMessage
      return await person.click({ channel, ts, actionId })
    })
    for (const { error, roundTripMs } of clicked) {
      if (error !== undefined) throw new Error(`Somebody who clicked saw an error: ${error}`)
      times.push(roundTripMs)
    }
  }
  return summarize(times)
}
