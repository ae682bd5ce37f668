import type { WebClient } from '@slack/web-api'
import type { FindOutcome } from '../../channel.ts'
import { callSlack, type SlackLine } from './call-slack.ts'
import { METADATA_EVENT } from './message-rungs.ts'
import { unknownOf } from './outcome-of-failure.ts'

export interface WantedMessage {
  readonly deliveryId: string
  /** Milliseconds since 1970; nothing older is looked at. */
  readonly since: number
  readonly channel: string
  readonly threadTs: string | null
}

type Page = Awaited<ReturnType<WebClient['conversations']['history']>>
type Method = 'history' | 'replies'

const PAGE_SIZE = 200
const MOST_PAGES = 10
/** Slack's clock and ours may differ. */
const CLOCK_SLACK_MS = 60_000

/**
 * Looks for a message by the delivery id in its metadata. `absent` only after everything since then was read.
 * When the thread is gone the channel itself is searched: Slack puts a reply to a deleted root there.
 */
export async function findSlackMessage(line: SlackLine, wanted: WantedMessage): Promise<FindOutcome> {
  if (wanted.threadTs === null) return await search(line, wanted, 'history')
  const inThread = await search(line, wanted, 'replies')
  return inThread === 'thread-gone' ? await searchChannel(line, wanted) : inThread
}

async function searchChannel(line: SlackLine, wanted: WantedMessage): Promise<FindOutcome> {
  return await search(line, { ...wanted, threadTs: null }, 'history')
}

function search(line: SlackLine, wanted: WantedMessage, method: 'history'): Promise<FindOutcome>
function search(line: SlackLine, wanted: WantedMessage, method: 'replies'): Promise<FindOutcome | 'thread-gone'>
async function search(line: SlackLine, wanted: WantedMessage, method: Method): Promise<FindOutcome | 'thread-gone'> {
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await callSlack(line, (client) => readPage(client, wanted, { method, cursor }))
    if (!answer.ok) {
      const { failure } = answer
      const isGone =
        failure.kind === 'refused' && (failure.error === 'thread_not_found' || failure.error === 'message_not_found')
      return method === 'replies' && isGone ? 'thread-gone' : unknownOf(failure, wanted.channel)
    }
    const found = messageIn(answer.value, wanted.deliveryId)
    if (found?.ts !== undefined)
      return { kind: 'found', id: found.ts, place: wanted.channel, threadId: threadOf(found) }
    cursor = answer.value.response_metadata?.next_cursor || undefined
    if (cursor === undefined) return { kind: 'absent' }
  }
  return {
    kind: 'unknown',
    reason: 'unknown-refusal',
    afterMs: null,
    detail: `More than ${PAGE_SIZE * MOST_PAGES} messages since then in ${wanted.channel}`,
  }
}

async function readPage(
  client: WebClient,
  wanted: WantedMessage,
  at: { readonly method: Method; readonly cursor: string | undefined },
): Promise<Page> {
  const { channel, threadTs, since } = wanted
  const oldest = ((since - CLOCK_SLACK_MS) / 1_000).toFixed(6)
  const range = {
    channel,
    oldest,
    limit: PAGE_SIZE,
    include_all_metadata: true,
    ...(at.cursor === undefined ? {} : { cursor: at.cursor }),
  }
  return at.method === 'replies'
    ? await client.conversations.replies({ ...range, ts: threadTs ?? '' })
    : await client.conversations.history(range)
}

type Message = NonNullable<Page['messages']>[number]

function messageIn(page: Page, deliveryId: string): Message | undefined {
  return page.messages?.find(({ metadata }) => {
    const payload = metadata?.event_payload as Readonly<Record<string, unknown>> | undefined
    return metadata?.event_type === METADATA_EVENT && payload?.['delivery_id'] === deliveryId
  })
}

/** Slack gives a root that has replies its own ts as its thread. */
function threadOf({ ts, thread_ts: threadTs }: Message): string | null {
  return threadTs === undefined || threadTs === ts ? null : threadTs
}
