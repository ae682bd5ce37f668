import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SHARE_BYTES } from '../../src/intake/fair-share.ts'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody, type WebhookBody } from '../support/generate-alerts.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { type MetricSample, metricValue, readMetrics } from '../support/read-metrics.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { pendingWork } from '../support/settle.ts'
import { waitUntil } from '../support/wait-until.ts'

const SOURCES = [
  { name: 'noisy', kind: 'alertmanager' },
  { name: 'quiet', kind: 'alertmanager' },
]
const LANES = 10
/** Together about seven shares: what would be folded first, were it all let in at once. */
const NOISY_BODIES = 300
const ALERTS_EACH = 100
const CALM_ALERTS = 5
/** Loose on purpose, because a share of the machine's time is not ours: what is exact is the backlog that the quiet source finds. */
const MOST_SHARES_WAITED = 6
const MOST_TIMES_CALM = 20

test('a source that floods is told 503 and loses nothing; its neighbour is always taken and waits for the folding of a few shares at most', async () => {
  await using slack = await startSlackProcess({ limits: 'off' })
  // A digest would tell of the quiet source's alerts without naming each.
  const storm = { newIncidents: 0 }
  await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES, slack: { storm } } })
  const quiet = new QuietSource(nunchi)
  for (let i = 0; i < CALM_ALERTS; i++) await quiet.send()
  const calmMs = await quiet.waitsUntilTold(slack)

  const bodies = Array.from({ length: NOISY_BODIES }, (_, index) => noisyBody(index))
  const sizes = bodies.map((body) => Buffer.byteLength(JSON.stringify(body)))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const noisy = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager/noisy`, source: 'noisy' })
  const startedAt = Date.now()
  const flood = Promise.all(Array.from({ length: LANES }, () => drain(noisy, bodies)))
  let isFlooding = true
  void flood.finally(() => {
    isFlooding = false
  })
  while (isFlooding) await quiet.send()
  await flood
  await waitUntil(async () => (await pendingWork(nunchi)).toFold === 0, {
    timeoutMs: 60_000,
    why: 'the flood is folded',
  })
  const floodMs = Date.now() - startedAt
  const noisyMs = (await quiet.waitsUntilTold(slack)).slice(CALM_ALERTS)

  expect(noisy.dropped).toEqual([])
  expect(noisy.acked).toHaveLength(NOISY_BODIES * ALERTS_EACH)
  const samples = await metricsOf(nunchi)
  const refused = (source: string) => metricValue(samples, 'nunchi_deliveries_refused_total', { source }) ?? 0
  const overShare = { source: 'noisy', reason: 'over-share' }
  expect(metricValue(samples, 'nunchi_deliveries_refused_total', overShare)).toBeGreaterThan(0)
  expect(nunchi.log.filter(({ reason }) => reason === 'over-share').map(({ source }) => source)).toContain('noisy')
  expect(refused('quiet')).toBe(0)
  expect(quiet.statuses).toEqual(quiet.statuses.map(() => 200))

  const shareMs = (floodMs * SHARE_BYTES) / bytes
  const bound = MOST_TIMES_CALM * Math.max(...calmMs) + MOST_SHARES_WAITED * shareMs
  const figures = `Alone the quiet source was told about after ${shown(calmMs)} ms; beside a flood of ${bytes} bytes, folded in ${floodMs} ms (a share in ${Math.round(shareMs)} ms) with ${refused('noisy')} refusals, after ${shown(noisyMs)} ms, having found ${Math.max(...quiet.backlogs)} bytes waiting at most.`
  console.info(figures)
  expect(noisyMs.length, figures).toBeGreaterThan(1)
  expect(Math.max(...quiet.backlogs), figures).toBeLessThanOrEqual(SHARE_BYTES + Math.max(...sizes))
  expect(Math.max(...quiet.backlogs), figures).toBeGreaterThan(SHARE_BYTES / 4)
  expect(Math.max(...noisyMs), figures).toBeLessThan(bound)
  await assertEverythingHolds({ nunchi, slack, acked: [...noisy.acked, ...quiet.acked] })
}, 120_000)

/** One critical alert a second, each an incident of its own; how each was answered, and when. */
class QuietSource {
  readonly statuses: number[] = []
  /** What the noisy source had waiting when each was accepted, bytes. */
  readonly backlogs: number[] = []
  readonly acked: { readonly source: string; readonly alert: WebhookBody['alerts'][number] }[] = []
  readonly #nunchi: RunningNunchi
  readonly #acceptedAt: number[] = []

  constructor(nunchi: RunningNunchi) {
    this.#nunchi = nunchi
  }

  async send(): Promise<void> {
    const labels = { alertname: nameOf(this.statuses.length), severity: 'critical', service: 'quiet', cluster: 'prod' }
    const alert = makeAlert({ labels, annotations: { summary: `${labels.alertname} is down` }, startsAt: new Date() })
    const { status } = await this.#nunchi.post('/webhook/alertmanager/quiet', makeWebhookBody([alert]))
    this.#acceptedAt.push(Date.now())
    this.statuses.push(status)
    this.acked.push({ source: 'quiet', alert })
    const samples = await metricsOf(this.#nunchi)
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

async function metricsOf(nunchi: RunningNunchi): Promise<readonly MetricSample[]> {
  return readMetrics((await nunchi.api<string>('/metrics')).body)
}

/** Names of one length, so that none is a part of another. */
function nameOf(index: number): string {
  return `Quiet${String(index).padStart(4, '0')}`
}

/** One sender among many that share a stock of bodies. */
async function drain(sender: RetryingSender, bodies: WebhookBody[]): Promise<void> {
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await sender.deliver(body)
}

function noisyBody(index: number): WebhookBody {
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

function shown(waits: readonly number[]): string {
  return waits.map(Math.round).join(', ')
}
