import { setTimeout as sleep } from 'node:timers/promises'
import { DEFAULT_CHANNEL, DEFAULT_USER } from '../../test/support/fake-slack/fake-slack.ts'
import type { SlackMessage } from '../../test/support/fake-slack/workspace.ts'
import { waitUntilQuiet } from '../../test/support/settle.ts'
import { waitUntil } from '../../test/support/wait-until.ts'
import { type Bench, type Figure, figuresFrom, type Scenario } from '../support/figure.ts'
import { findIncident } from '../support/incident-by-api.ts'
import { interleave } from '../support/interleave.ts'
import { type SlackBench, sendAlert, startSlackBench } from '../support/slack-bench.ts'

/** Between two things that happen to an incident. Nobody acknowledges within less, and every message is settled by then. */
const PAUSE_MS = 3_000
const MOST_CALLS = 4

/** What one incident costs of Slack's patience on a calm day. */
export const slackLifeScenario: Scenario = {
  name: 'slack-life',
  about: 'calls to Slack in the life of one incident: fires, is acknowledged, resolves',
  run: async (bench) => {
    const { click, api } = await interleave(bench, {
      click: () => lives(bench, acknowledgeByClick),
      api: () => lives(bench, acknowledgeByApi),
    })
    return [...figuresOf('acknowledged by a click', click), ...figuresOf('acknowledged by the API', api)]
  },
}

interface Lives {
  readonly count: number
  readonly calls: number
  readonly posts: number
  readonly edits: number
}

function figuresOf(how: string, rounds: readonly Lives[]): readonly Figure[] {
  const figure = figuresFrom(`a life, ${how}`, rounds)
  return [
    {
      ...figure('calls', '', ({ calls, count }) => calls / count, { atMost: MOST_CALLS }),
      remark: `${rounds[0]?.count} lives a round`,
    },
    figure('posts', '', ({ posts, count }) => posts / count),
    figure('edits', '', ({ edits, count }) => edits / count),
  ]
}

type Acknowledge = (run: SlackBench, incident: { readonly id: string; readonly root: SlackMessage }) => Promise<void>

/** Several lives, one after another, in a Slack with its limits. The calls that the product makes once are not counted. */
async function lives(bench: Bench, acknowledge: Acknowledge): Promise<Lives> {
  const run = await startSlackBench(bench, { limits: 'slack', hasClicks: true })
  try {
    await live(run, 'FirstOfAll', acknowledge)
    const before = (await run.slack.calls()).length
    const count = bench.isQuick ? 3 : 8
    for (let index = 0; index < count; index += 1) await live(run, `Life${index}`, acknowledge)
    const calls = await run.slack.calls(before)
    const counted = (method: string): number => calls.filter((call) => call.method === method).length
    return { count, calls: calls.length, posts: counted('chat.postMessage'), edits: counted('chat.update') }
  } finally {
    await run.stop()
  }
}

async function live(run: SlackBench, name: string, acknowledge: Acknowledge): Promise<void> {
  const { product, slack } = run
  const alert = { name, severity: 'critical', startsAt: new Date() } as const
  await sendAlert(product, alert)
  const { id } = await findIncident(product, name)
  const root = await waitUntil(
    async () => (await slack.messages(DEFAULT_CHANNEL)).find((message) => isRootOf(message, id)),
    { timeoutMs: 30_000, intervalMs: 100, why: `${name} is told` },
  )
  await sleep(PAUSE_MS)
  await acknowledge(run, { id, root })
  await waitUntilIs(run, name, 'acknowledged')
  await sleep(PAUSE_MS)
  await sendAlert(product, { ...alert, endsAt: new Date() })
  await waitUntilIs(run, name, 'resolved')
  await waitUntilQuiet(product)
}

function isRootOf({ threadTs, content }: SlackMessage, incidentId: string): boolean {
  return threadTs === undefined && content.metadata?.event_payload['incident_id'] === incidentId
}

async function waitUntilIs({ product }: SlackBench, name: string, status: string): Promise<void> {
  await waitUntil(async () => (await findIncident(product, name)).status === status, {
    timeoutMs: 30_000,
    intervalMs: 100,
    why: `${name} is ${status}`,
  })
}

const acknowledgeByClick: Acknowledge = async ({ slack }, { root: { channel, ts } }) => {
  const { error } = await slack.person(DEFAULT_USER).click({ channel, ts, actionId: 'nunchi:acknowledge' })
  if (error !== undefined) throw new Error(`Somebody who clicked saw an error: ${error}`)
}

const acknowledgeByApi: Acknowledge = async ({ product }, { id }) => {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${product.url}/api/v1/incidents/${id}/acknowledge`, {
    method: 'POST',
    headers,
    body: '{}',
  })
  if (!reply.ok) throw new Error(`Nunchi answered ${reply.status} ${await reply.text()}`)
}
