import { setTimeout as sleep } from 'node:timers/promises'
import type { SlackProcess } from './fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody, type WebhookBody } from './generate-alerts.ts'
import { type MetricSample, metricValue, readMetrics } from './read-metrics.ts'
import type { RetryingSender } from './retrying-sender.ts'
import type { RunningNunchi } from './run-nunchi.ts'
import { waitUntil } from './wait-until.ts'

const LANES = 10
export const ALERTS_EACH = 100

/** One critical alert a second, each an incident of its own, to the nodes in turn; how each was answered, and when. */
export class QuietSource {
  readonly statuses: number[] = []
  /** What the noisy source had waiting when each was accepted, bytes. */
  readonly backlogs: number[] = []
  readonly acked: { readonly source: string; readonly alert: WebhookBody['alerts'][number] }[] = []
  readonly #nodes: readonly RunningNunchi[]
  readonly #acceptedAt: number[] = []

  constructor(nodes: readonly RunningNunchi[]) {
    this.#nodes = nodes
  }

  async send(): Promise<void> {
    const labels = { alertname: nameOf(this.statuses.length), severity: 'critical', service: 'quiet', cluster: 'prod' }
    const alert = makeAlert({ labels, annotations: { summary: `${labels.alertname} is down` }, startsAt: new Date() })
    const node = this.#nodes[this.statuses.length % this.#nodes.length] as RunningNunchi
    const { status } = await node.post('/webhook/alertmanager/quiet', makeWebhookBody([alert]))
    this.#acceptedAt.push(Date.now())
    this.statuses.push(status)
    this.acked.push({ source: 'quiet', alert })
    const samples = await metricsOf(node)
    this.backlogs.push(metricValue(samples, 'nunchi_source_backlog_bytes', { source: 'noisy' }) ?? 0)
    await sleep(1_000)
  }

  /** From the answer to the first request at Slack that names the alert, ms, in the order of sending. */
  async waitsUntilTold(slack: SlackProcess): Promise<readonly number[]> {
    const toldAt = async () => {
      const posts = (await slack.calls()).filter(({ method }) => method === 'chat.postMessage')
      const texts = posts.map(({ at, args }) => ({ at, text: JSON.stringify(args) }))
      const found = this.statuses.map((_, index) => texts.find(({ text }) => text.includes(nameOf(index)))?.at)
      return found.includes(undefined) ? null : (found as number[])
    }
    const told = await waitUntil(toldAt, { timeoutMs: 60_000, intervalMs: 100, why: 'every quiet alert is told' })
    return told.map((at, index) => at - (this.#acceptedAt[index] as number))
  }
}

/** What a node measures. */
export async function metricsOf(nunchi: RunningNunchi): Promise<readonly MetricSample[]> {
  return readMetrics((await nunchi.api<string>('/metrics')).body)
}

/** Names of one length, so that none is a part of another. */
function nameOf(index: number): string {
  return `Quiet${String(index).padStart(4, '0')}`
}

/** Sends all bodies from several senders at once, and does `meanwhile` again and again until they are all acknowledged. */
export async function flood(
  sender: RetryingSender,
  bodies: readonly WebhookBody[],
  meanwhile: () => Promise<void>,
): Promise<void> {
  const stock = [...bodies]
  let isOver = false
  const drain = async (): Promise<void> => {
    for (let body = stock.pop(); body !== undefined; body = stock.pop()) await sender.deliver(body)
  }
  const all = Promise.all(Array.from({ length: LANES }, drain)).finally(() => {
    isOver = true
  })
  while (!isOver) await meanwhile()
  await all
}

/** A large body of the noisy source. */
export function noisyBody(index: number): WebhookBody {
  const description = 'The probe had no answer for the third time in a row, and its users may see errors. '.repeat(16)
  const alerts = Array.from({ length: ALERTS_EACH }, (_, n) => {
    const instance = `node-${index}-${n}.example.com:9100`
    const labels = {
      alertname: `Noise${index % LANES}`,
      severity: 'warning',
      service: 'noisy',
      cluster: 'prod',
      instance,
    }
    return makeAlert({ labels, annotations: { summary: `${instance} fails`, description } })
  })
  return makeWebhookBody(alerts)
}
