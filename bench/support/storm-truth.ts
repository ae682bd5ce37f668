import { setTimeout as sleep } from 'node:timers/promises'
import { escapeMrkdwn } from '../../src/notify/channels/slack/escape-mrkdwn.ts'
import { stableCount } from '../../src/notify/channels/slack/templates/stable-count.ts'
import { DEFAULT_CHANNEL } from '../../test/support/fake-slack/fake-slack.ts'
import type { SlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import type { SlackMessage } from '../../test/support/fake-slack/workspace.ts'
import type { ProductPlace } from '../../test/support/product-place.ts'
import { queryMain } from '../../test/support/query-product.ts'
import { readableLines } from '../../test/support/slack-text.ts'
import { logStateOf } from './log-state.ts'
import type { SlackBench } from './slack-bench.ts'
import type { StormShape } from './storm-load.ts'

/** How the incidents of a storm are told. All times are ms since 1970. */
export interface StormTold {
  /** When every alert was part of its incident. */
  readonly foldedAt: number
  /** When the one message of the storm could first be read; null = there is none. */
  readonly digestAt: number | null
  /** When Slack showed every incident as it is: each in a thread of its own, or in the counts of the digest. */
  readonly trueAt: number
  readonly threads: number
  readonly digested: number
}

const LOOK_EVERY_MS = 250
const NOT_YET = { threads: 0, digested: 0 }

/** Waits until Slack tells all of a storm's incidents, which are open; fails with how far it came. */
export async function waitUntilTold(
  run: SlackBench,
  { alerts, incidents }: StormShape,
  timeoutMs: number,
): Promise<StormTold> {
  const deadline = performance.now() + timeoutMs
  let foldedAt = Number.NaN
  for (;;) {
    const lookedAt = Date.now()
    if (Number.isNaN(foldedAt) && logStateOf(run.product.dataDir).eventsRead >= alerts) foldedAt = lookedAt
    const { threads, digested } = (await hasWaiting(run.product)) ? NOT_YET : await toldIn(run.product)
    if (!Number.isNaN(foldedAt) && threads + digested >= incidents) {
      const digest = await digestOf(run.slack)
      if (digested === 0 || (digest !== undefined && tells(digest, digested)))
        return { foldedAt, digestAt: digest?.postedAt ?? null, trueAt: lookedAt, threads, digested }
    }
    if (performance.now() > deadline)
      throw new Error(`Of ${incidents} incidents too few are told: ${JSON.stringify(await toldIn(run.product))}`)
    await sleep(LOOK_EVERY_MS)
  }
}

/** Cheap, and asked first: counting everything again and again would itself slow the product down. */
async function hasWaiting(product: ProductPlace): Promise<boolean> {
  return (await queryMain(product, "select 1 from job where kind = 'notify-channel' limit 1")).length > 0
}

async function toldIn(product: ProductPlace): Promise<Pick<StormTold, 'threads' | 'digested'>> {
  const [row] = await queryMain(
    product,
    `select count(case when state = 'idle' and root_id is not null then 1 end) as threads,
       count(case when state = 'digested' then 1 end) as digested from notification`,
  )
  return { threads: Number(row?.['threads']), digested: Number(row?.['digested']) }
}

async function digestOf(slack: SlackProcess): Promise<SlackMessage | undefined> {
  const messages = await slack.messages(DEFAULT_CHANNEL)
  return messages.find(({ content }) => content.metadata?.event_payload['purpose'] === 'digest')
}

/** All are open, so the digest is true when it says so of all of them. */
function tells(digest: SlackMessage, total: number): boolean {
  const count = escapeMrkdwn(stableCount(total))
  return readableLines(digest).some((line) => line.startsWith(`${count} open of ${count} incidents`))
}
