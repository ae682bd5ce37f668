import { callSlack, type SlackLine } from '../call-slack.ts'
import { escapeMrkdwn } from '../escape-mrkdwn.ts'
import type { ReplyPlace } from './slack-request.ts'
import { type Piece, plainSection } from './view-kit.ts'

/** What one person alone is shown. */
export interface PrivateWords {
  /** Plain text; shown as it is, without markup. */
  readonly text: string
  /** Shown instead of the text where blocks can be. */
  readonly blocks?: readonly Piece[]
}

const MOST_FALLBACK = 3_000

/**
 * Tells one person something that nobody else sees: at the address that came with the click, else as an ephemeral
 * message. False when neither worked or there is no place for it. Never throws: what was done is done.
 */
export async function answerPrivately(
  line: SlackLine,
  { place, userId, words }: { readonly place: ReplyPlace; readonly userId: string; readonly words: PrivateWords },
): Promise<boolean> {
  const content = {
    text: escapeMrkdwn(words.text, 'many').slice(0, MOST_FALLBACK),
    blocks: words.blocks ?? [plainSection(words.text)],
  }
  const thread = place.threadTs === null ? {} : { thread_ts: place.threadTs }
  if (place.responseUrl !== null && (await respond(line, place.responseUrl, { ...content, ...thread }))) return true
  if (place.channel === null) return false
  const told = await callSlack(line, (client) =>
    client.apiCall('chat.postEphemeral', { channel: place.channel, user: userId, ...content, ...thread }),
  )
  return told.ok
}

async function respond(line: SlackLine, url: string, content: object): Promise<boolean> {
  if (!isAddressOfSlack(url, line.settings.apiUrl)) return false
  try {
    const response = await line.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...content }),
      redirect: 'error',
      signal: AbortSignal.any([line.signal, AbortSignal.timeout(line.settings.timeoutMs)]),
    })
    await response.text()
    return response.ok
  } catch {
    // Refused, timed out or unreachable: the caller has a second way.
    return false
  }
}

/** Payloads are signed, and still no address in one may lead us anywhere but to Slack, or to what stands in for it. */
function isAddressOfSlack(url: string, apiUrl: string): boolean {
  const address = URL.parse(url)
  if (address === null) return false
  if (address.origin === new URL(apiUrl).origin) return true
  return address.protocol === 'https:' && /(?:^|\.)slack(?:-gov)?\.com$/.test(address.hostname)
}
