import { DEFAULT_CHANNEL, DEFAULT_TOKEN } from '../../test/support/fake-slack/fake-slack.ts'
import { DEFAULT_SIGNING_SECRET } from '../../test/support/fake-slack/interaction/deliveries.ts'
import type { LimitMode } from '../../test/support/fake-slack/rate-limits.ts'
import { type SlackProcess, startSlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import { doorsOf } from '../../test/support/interactive-product.ts'
import { queryMain } from '../../test/support/query-product.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
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
  /** What people click in Slack reaches the product. */
  readonly hasClicks?: boolean
}

/** Where nobody limits it, the product need not keep to Slack's pace. */
const UNPACED = { postsPerSecond: 1000, burst: 1000, editsPerMinute: 60_000 }

/** Starts both. With Slack's limits the product keeps to its own pace, as it is installed. */
export async function startSlackBench(bench: Bench, options: SlackBenchOptions = {}): Promise<SlackBench> {
  const { limits = 'off', channels = [], config = {}, hasClicks = false } = options
  const slack = await startSlackProcess({ limits, channels: [DEFAULT_CHANNEL, ...channels] })
  const product = await startProduct(bench, {
    env: {
      SLACK_BOT_TOKEN: DEFAULT_TOKEN,
      SLACK_CHANNEL: DEFAULT_CHANNEL,
      SLACK_API_URL: slack.apiUrl,
      ...(hasClicks ? { SLACK_SIGNING_SECRET: DEFAULT_SIGNING_SECRET } : {}),
    },
    config: { ...config, slack: { ...(limits === 'off' ? UNPACED : {}), ...config.slack } },
  })
  if (hasClicks) await connectClicks(slack, product)
  const stop = async (): Promise<void> => {
    try {
      await product.stop()
    } finally {
      await slack.stop()
      product.remove()
    }
  }
  return { product, slack, stop }
}

/** Clicks are refused until the product has learned which workspace its bot is in. */
async function connectClicks(slack: SlackProcess, product: Product): Promise<void> {
  await slack.useRequestUrls(doorsOf(product))
  await waitUntil(async () => (await queryMain(product, 'select 1 from slack_workspace')).length > 0, {
    timeoutMs: 20_000,
    why: 'the product knows its workspace',
  })
}

/** One alert, which is an incident of its own. */
export interface SentAlert {
  readonly name: string
  readonly severity: 'critical' | 'warning'
  readonly startsAt: Date
  /** Given, it is over. */
  readonly endsAt?: Date
}

/** Sends an alert as Alertmanager does; answers when its delivery was accepted (ms since 1970). */
export async function sendAlert(product: Product, { name, severity, ...times }: SentAlert): Promise<number> {
  const labels = {
    alertname: name,
    severity,
    service: 'ledger',
    cluster: 'cluster-1',
    instance: 'node-1.example.com:9100',
  }
  const alert = makeAlert({ labels, annotations: { summary: `${name} fails` }, ...times })
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

/** Sends one critical alert of a new incident; answers when its delivery was accepted (ms since 1970). */
export async function sendCritical(product: Product, name: string): Promise<number> {
  return await sendAlert(product, { name, severity: 'critical', startsAt: new Date() })
}
