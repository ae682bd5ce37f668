import type { SlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { type Figure, percentile } from './figure.ts'

/** How long something took, in ms, over so many times. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly count: number
}

const PATIENCE_MS = 120_000

/** The figures of a latency that was measured round by round, with a target for its p99. */
export function latencyFigures(name: string, rounds: readonly Latency[], mostMs: number): readonly Figure[] {
  const remark = `${rounds[0]?.count} a round`
  return [
    { name: `${name}: p50`, unit: 'ms', values: rounds.map(({ p50 }) => p50) },
    { name: `${name}: p99`, unit: 'ms', values: rounds.map(({ p99 }) => p99), target: { below: mostMs }, remark },
  ]
}

/** What a list of times in ms says. */
export function summarize(times: readonly number[]): Latency {
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), count: times.length }
}

/** Waits until Slack was asked about every one of them: one that is never told would be a loss and not a figure. */
export async function latencyOf(
  slack: SlackProcess,
  accepted: readonly { readonly name: string; readonly at: number }[],
): Promise<Latency> {
  const names = accepted.map(({ name }) => name)
  const told = await waitUntil(
    async () => {
      const found = await toldAt(slack, names)
      return found.size === names.length ? found : null
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 500, why: 'every incident is told' },
  )
  // Both clocks are those of this machine; the request can reach Slack before the sender has read its answer.
  return summarize(accepted.map(({ name, at }) => Math.max(0, (told.get(name) ?? Number.NaN) - at)))
}

/** When Slack was first asked to tell each of these alert names (ms since 1970); undefined = not yet. */
async function toldAt(slack: SlackProcess, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const told = new Map<string, number>()
  for (const call of await slack.calls()) {
    if (call.method !== 'chat.postMessage') continue
    const text = JSON.stringify(call.args)
    for (const name of names) if (!told.has(name) && text.includes(name)) told.set(name, call.at)
  }
  return told
}
