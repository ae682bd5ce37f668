import { DEFAULT_CHANNEL, DEFAULT_TOKEN } from '../../test/support/fake-slack/fake-slack.ts'
import { type SlackProcess, startSlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import type { Bench } from './figure.ts'
import { type Product, startProduct } from './start-product.ts'

/** The product and a Slack without limits, so that only the way to Slack is measured and not Slack's own patience. */
export interface SlackBench {
  readonly product: Product
  readonly slack: SlackProcess
  readonly stop: () => Promise<void>
}

/** Starts both. */
export async function startSlackBench(bench: Bench): Promise<SlackBench> {
  const slack = await startSlackProcess({ limits: 'off', channels: [DEFAULT_CHANNEL] })
  const env = { SLACK_BOT_TOKEN: DEFAULT_TOKEN, SLACK_CHANNEL: DEFAULT_CHANNEL, SLACK_API_URL: slack.apiUrl }
  const product = await startProduct(bench, { env, config: { slack: { postsPerSecond: 1000, burst: 1000 } } })
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
