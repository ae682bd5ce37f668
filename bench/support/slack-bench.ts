import { DEFAULT_CHANNEL, DEFAULT_TOKEN } from '../../test/support/fake-slack/fake-slack.ts'
import type { LimitMode } from '../../test/support/fake-slack/rate-limits.ts'
import { type SlackProcess, startSlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import type { Bench } from './figure.ts'
import { type Product, startProduct } from './start-product.ts'

/** The product and its Slack. */
export interface SlackBench {
  readonly product: Product
  readonly slack: SlackProcess
  readonly stop: () => Promise<void>
}

/** What a scenario may ask of the two. */
export interface SlackBenchOptions {
  /** Default: no limits, so that only the way to Slack is measured and not Slack's own patience. */
  readonly limits?: LimitMode
  /** Channels of Slack beside the default one. */
  readonly channels?: readonly string[]
  /** The configuration file, as an object. */
  readonly config?: { readonly slack?: object } & object
  readonly env?: Readonly<Record<string, string>>
}

/** Where nobody limits it, the product need not keep to Slack's pace. */
const UNPACED = { postsPerSecond: 1000, burst: 1000 }

/** Starts both. With Slack's limits the product keeps to its own pace, as it is installed. */
export async function startSlackBench(bench: Bench, options: SlackBenchOptions = {}): Promise<SlackBench> {
  const { limits = 'off', channels = [], config = {}, env = {} } = options
  const slack = await startSlackProcess({ limits, channels: [DEFAULT_CHANNEL, ...channels] })
  const product = await startProduct(bench, {
    env: { SLACK_BOT_TOKEN: DEFAULT_TOKEN, SLACK_CHANNEL: DEFAULT_CHANNEL, SLACK_API_URL: slack.apiUrl, ...env },
    config: { ...config, slack: { ...(limits === 'off' ? UNPACED : {}), ...config.slack } },
  })
  const stop = async (): Promise<void> => {
    await product.stop()
    await slack.stop()
    product.remove()
  }
  return { product, slack, stop }
}

/** Sends one critical alert of a new incident; answers when its delivery was accepted (ms since 1970). */
export async function sendCritical(product: Product, name: string): Promise<number> {
  const labels = {
    alertname: name,
    severity: 'critical',
    service: 'ledger',
    cluster: 'cluster-1',
    instance: 'node-1.example.com:9100',
  }
  const alert = makeAlert({ labels, annotations: { summary: `${name} fails` }, startsAt: new Date() })
  const body = JSON.stringify(makeWebhookBody([alert], { groupLabels: { alertname: name } }))
  const reply = await fetch(`${product.url}/webhook/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  await reply.arrayBuffer()
  if (!reply.ok) throw new Error(`Nunchi answered ${reply.status}`)
  return Date.now()
}

/** When Slack was first asked to tell each of these alert names (ms since 1970); undefined = not yet. */
export async function toldAt(slack: SlackProcess, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const told = new Map<string, number>()
  for (const call of await slack.calls()) {
    if (call.method !== 'chat.postMessage') continue
    const text = JSON.stringify(call.args)
    for (const name of names) if (!told.has(name) && text.includes(name)) told.set(name, call.at)
  }
  return told
}
