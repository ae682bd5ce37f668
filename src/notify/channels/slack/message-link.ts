import type { MessageRef } from '../../channel.ts'
import { callSlack, type SlackLine } from './call-slack.ts'

/**
 * Makes permalinks of a workspace without asking for each: its address is asked for once. Null while Slack does not
 * say it. https://docs.slack.dev/reference/methods/chat.getPermalink shows the form.
 */
export function messageLinks(
  line: Omit<SlackLine, 'signal'>,
): (message: MessageRef, signal: AbortSignal) => Promise<string | null> {
  let workspace: string | null = null
  return async ({ id, place }, signal) => {
    if (place === null || !/^[CDG][A-Z0-9]+$/.test(place)) return null
    workspace ??= await addressOf({ ...line, signal })
    return workspace === null ? null : `${workspace}archives/${place}/p${id.replace('.', '')}`
  }
}

async function addressOf(line: SlackLine): Promise<string | null> {
  const answer = await callSlack(line, (client) => client.auth.test())
  const url = answer.ok ? URL.parse(answer.value.url ?? '') : null
  return url !== null && /^https?:$/.test(url.protocol) ? `${url.origin}/` : null
}
