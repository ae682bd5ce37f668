import type { AuthTestResponse, ConversationsInfoResponse } from '@slack/web-api'
import { callSlack, type SlackAnswer, type SlackFetch } from './call-slack.ts'
import { verdictOf } from './outcome-of-failure.ts'
import type { SlackSettings } from './slack-settings.ts'

/** Something about the Slack set-up that a person should know, in clear words. */
export interface SlackProblem {
  /** True: messages cannot be posted. False: they can, but something else is missing. */
  readonly isBlocking: boolean
  readonly detail: string
}

/** Asks Slack whether the bot could post, without posting. Never throws; an unreachable Slack is a problem as well. */
export async function checkSlack(
  settings: SlackSettings,
  deps: { readonly fetch?: SlackFetch; readonly signal?: AbortSignal } = {},
): Promise<readonly SlackProblem[]> {
  const line = { settings, fetch: deps.fetch ?? globalThis.fetch, signal: deps.signal ?? new AbortController().signal }
  const who = await callSlack(line, (client) => client.auth.test())
  if (!who.ok) return [problemOf(who, settings.channel, true)]
  const channel = await callSlack(line, (client) => client.conversations.info({ channel: settings.channel }))
  const scopes = scopesOf(who.value)
  return [
    ...scopeProblems(scopes, settings.channel),
    ...(channel.ok
      ? channelProblems(channel.value, scopes, settings.channel)
      : [infoProblem(channel, settings.channel)]),
  ]
}

type Failed = Extract<SlackAnswer<unknown>, { ok: false }>

function problemOf({ failure }: Failed, place: string, isBlocking: boolean): SlackProblem {
  return { isBlocking, detail: verdictOf(failure, { place, isReply: false }).detail }
}

// Posting does not need the scope for this question, so not being allowed to ask is no reason to worry anybody.
function infoProblem(failed: Failed, place: string): SlackProblem {
  const { failure } = failed
  if (failure.kind !== 'refused' || failure.error !== 'missing_scope') return problemOf(failed, place, true)
  const needed = failure.needed === '' ? 'channels:read' : failure.needed
  return {
    isBlocking: false,
    detail: `Cannot check whether the bot is in ${place}: the app lacks the scope ${needed}. Posting may work nevertheless.`,
  }
}

/** Null when Slack did not say which scopes the token has. */
function scopesOf({ response_metadata: metadata }: AuthTestResponse): readonly string[] | null {
  return metadata?.scopes ?? null
}

function scopeProblems(scopes: readonly string[] | null, place: string): readonly SlackProblem[] {
  if (scopes === null) return []
  const history = place.startsWith('G') ? 'groups:history' : 'channels:history'
  const add = 'Add it under "OAuth & Permissions" in the app\'s settings, then install the app again.'
  const canFind = scopes.includes('channels:history') || scopes.includes('groups:history')
  return [
    ...(scopes.includes('chat:write')
      ? []
      : [{ isBlocking: true, detail: `The bot lacks the scope chat:write and cannot post. ${add}` }]),
    ...(canFind
      ? []
      : [
          {
            isBlocking: false,
            detail: `Without the scope ${history} a message whose answer got lost cannot be looked up and may be posted twice. ${add}`,
          },
        ]),
  ]
}

function channelProblems(
  { channel }: ConversationsInfoResponse,
  scopes: readonly string[] | null,
  place: string,
): readonly SlackProblem[] {
  const name = channel?.name === undefined ? place : `${place} (#${channel.name})`
  if (channel?.is_archived === true)
    return [{ isBlocking: true, detail: `Channel ${name} is archived. Unarchive it, or give Nunchi another channel.` }]
  const mayPostAnyway = scopes?.includes('chat:write.public') === true && channel?.is_private !== true
  if (channel?.is_member !== false || mayPostAnyway) return []
  return [{ isBlocking: true, detail: `The bot is not in channel ${name}. Invite it there: /invite @Nunchi.` }]
}
