import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosStage } from '../../test/support/chaos-stage.ts'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { FoldWatch, fingerprintOfNumber } from './fold-watch.ts'
import { longestGap, type Sent, SteadySender } from './steady-sender.ts'

export const PER_SECOND = 50
const GROUPS = 20
const BEFORE_MS = 3_000
/** Longer than any health check or lease takes to notice. */
const AFTER_MS = 5_000
/** The load balancer looks once a second whether a node is back. */
const SETTLE_MS = 2_500

/** What senders and people noticed of a disturbance. */
export interface Disturbance {
  /** What the disturbance itself answers, for example how long taking over took; ms. */
  readonly took: number
  /** The longest time in which nothing was accepted. */
  readonly gap: number
  readonly slowestAnswer: number
  /** Requests that got no 2xx. */
  readonly refused: number
  /** From when the first of them was due until the last one ended: a sender that tries again is through then at the latest. */
  readonly refusedFor: number
  /** From the answer to the incident. */
  readonly slowestFold: number
}

let nextNumber = 0

/**
 * Sends a light load through the load balancer, does something to the stage meanwhile, waits until everything that was accepted
 * is folded (fails when it is not), and mends the stage.
 */
export async function disturbStage(stage: ChaosStage, act: () => Promise<number>): Promise<Disturbance> {
  const first = nextNumber
  const path = '/webhook/alertmanager'
  const sender = new SteadySender({ port: stage.haproxy.port, path, perSecond: PER_SECOND, body: bodyOf, first })
  const watch = new FoldWatch(stage.database.url, first, () => sender.ended)
  let sent: readonly Sent[] = []
  try {
    await sleep(BEFORE_MS)
    const actedAt = performance.now()
    const took = await act()
    const endedAt = performance.now()
    const isAccepting = (): boolean => sender.ended.some((one) => one.isAccepted && one.dueAt > endedAt)
    await waitUntil(isAccepting, { timeoutMs: 60_000, why: 'something is accepted again' })
    await sleep(AFTER_MS)
    sent = await sender.stop()
    const accepted = sent.filter(({ isAccepted }) => isAccepted)
    const slowestFold = await watch.finish(accepted)
    return {
      took,
      gap: longestGap(sent, actedAt),
      slowestAnswer: Math.max(...accepted.map(({ dueAt, endedAt }) => endedAt - dueAt)),
      refused: sent.length - accepted.length,
      refusedFor: spanOf(sent.filter(({ isAccepted }) => !isAccepted)),
      slowestFold,
    }
  } finally {
    sent = await sender.stop()
    await watch.close()
    nextNumber = first + sent.length
    await stage.calm()
    await sleep(SETTLE_MS)
  }
}

function spanOf(sent: readonly Sent[]): number {
  if (sent.length === 0) return 0
  return Math.max(...sent.map(({ endedAt }) => endedAt)) - Math.min(...sent.map(({ dueAt }) => dueAt))
}

function bodyOf(number: number): string {
  const alertname = `Rule${number % GROUPS}`
  const labels = { alertname, severity: 'warning', service: 'checkout', instance: `node-${number}:9100` }
  const alert = { ...makeAlert({ labels, startsAt: new Date() }), fingerprint: fingerprintOfNumber(number) }
  return JSON.stringify(makeWebhookBody([alert], { groupLabels: { alertname } }))
}
