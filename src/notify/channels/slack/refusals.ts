import type { FailureReason } from '../../channel.ts'

/** What to do about a refusal, by Slack's own name for it. */
export type RefusalRule =
  /** Too much for now. */
  | { readonly does: 'wait'; readonly pause: 'channel' | 'account'; readonly afterMs: number | null }
  /** Certainly not shown, and passing. */
  | {
      readonly does: 'retry'
      readonly reason: FailureReason
      readonly pause: 'message' | 'account'
      readonly afterMs: number | null
    }
  /** Slack says itself that part of it may have been done. */
  | { readonly does: 'doubt' }
  /** This form of the message is refused; a poorer one may pass. */
  | { readonly does: 'degrade'; readonly dropsMetadata: boolean }
  | { readonly does: 'thread-gone' }
  /** A person must act; `remedy` says how. */
  | {
      readonly does: 'reject'
      readonly reason: FailureReason
      readonly remedy: (place: string, needed: string) => string
    }

const APP = "the Slack app's settings"
const MINUTE_MS = 60_000

const wait = (pause: 'channel' | 'account', afterMs: number | null = null): RefusalRule => ({
  does: 'wait',
  pause,
  afterMs,
})
const degrade = (dropsMetadata = false): RefusalRule => ({ does: 'degrade', dropsMetadata })
const reject = (reason: FailureReason, remedy: (place: string, needed: string) => string): RefusalRule => ({
  does: 'reject',
  reason,
  remedy,
})
const doubt: RefusalRule = { does: 'doubt' }
const threadGone: RefusalRule = { does: 'thread-gone' }
const migrating: RefusalRule = { does: 'retry', reason: 'server-error', pause: 'account', afterMs: 5 * MINUTE_MS }

const badToken = (why: string): RefusalRule =>
  reject('bad-credentials', () => `${why} Install the app again and give Nunchi its new bot token (xoxb-…).`)
const forbidden = (why: string): RefusalRule =>
  reject('missing-permission', (place) => `${why.replace('{place}', place)} Ask a workspace administrator.`)
const deadWebhook = (why: string): RefusalRule =>
  reject('bad-credentials', () => `${why} Make a new incoming webhook in ${APP} and give Nunchi its URL.`)

/** Everything that Slack is known to refuse. https://docs.slack.dev/reference/methods/chat.postMessage, changelog 2016-05-17 for webhooks */
const RULES: Readonly<Record<string, RefusalRule>> = {
  ratelimited: wait('channel'),
  rate_limited: wait('channel'),
  // A limit of the whole workspace, not of the channel.
  message_limit_exceeded: wait('account', MINUTE_MS),

  internal_error: doubt,
  fatal_error: doubt,
  service_unavailable: doubt,
  rollup_error: doubt,
  // The request was cut off on its way: Slack never saw the whole message.
  request_timeout: { does: 'retry', reason: 'timeout', pause: 'message', afterMs: null },
  team_added_to_org: migrating,
  org_login_required: migrating,

  invalid_blocks: degrade(),
  invalid_blocks_format: degrade(),
  invalid_attachments: degrade(),
  too_many_attachments: degrade(),
  msg_blocks_too_long: degrade(),
  msg_too_long: degrade(),
  no_text: degrade(),
  invalid_arguments: degrade(),
  invalid_form_data: degrade(),
  invalid_payload: degrade(),
  missing_text_or_fallback_or_attachments: degrade(),
  invalid_metadata_format: degrade(true),
  invalid_metadata_schema: degrade(true),
  metadata_too_large: degrade(true),
  metadata_must_be_sent_from_app: degrade(true),

  message_not_found: threadGone,
  thread_not_found: threadGone,
  invalid_thread_ts: threadGone,
  cannot_reply_to_message: threadGone,
  cant_update_message: threadGone,
  edit_window_closed: threadGone,
  is_inactive: threadGone,

  invalid_auth: badToken('Slack does not accept the bot token (or not from this IP address).'),
  not_authed: badToken('No bot token reached Slack.'),
  account_inactive: badToken('The bot or its workspace was deleted.'),
  token_revoked: badToken('The bot token was revoked.'),
  token_expired: badToken('The bot token has expired. Turn token rotation off for this app.'),
  not_allowed_token_type: badToken('This kind of token may not post.'),
  missing_scope: reject(
    'missing-permission',
    (_, needed) =>
      `The bot lacks the scope ${needed || 'chat:write'}. Add it under "OAuth & Permissions" in ${APP}, then install the app again.`,
  ),
  no_permission: reject(
    'missing-permission',
    (place) =>
      `The bot may not post to ${place}. Invite it there: /invite @Nunchi, and check that it has the scope chat:write.`,
  ),
  access_denied: forbidden('The workspace denies the bot access to {place}.'),
  accesslimited: forbidden('The workspace does not allow this network to use its API.'),
  ekm_access_denied: forbidden('Administrators suspended posting.'),
  enterprise_is_restricted: forbidden('The organisation does not allow this call.'),
  team_access_not_granted: forbidden('The organisation did not grant the app access to the workspace.'),
  restricted_action: forbidden('A workspace setting keeps the bot from posting to {place}.'),
  restricted_action_read_only_channel: forbidden('{place} is read-only for the bot.'),
  restricted_action_thread_only_channel: forbidden('{place} only takes replies, so no alert can begin there.'),
  restricted_action_non_threadable_channel: forbidden('{place} takes no replies.'),

  channel_not_found: reject(
    'no-such-channel',
    (place) =>
      `Slack knows no channel ${place}, or it is private and the bot is not in it. Check the channel id; for a private channel invite the bot there: /invite @Nunchi.`,
  ),
  not_in_channel: reject(
    'not-a-member',
    (place) => `The bot is not in channel ${place}. Invite it there: /invite @Nunchi.`,
  ),
  is_archived: reject(
    'channel-archived',
    (place) => `Channel ${place} is archived. Unarchive it, or give Nunchi another channel.`,
  ),
  channel_is_archived: reject(
    'channel-archived',
    () =>
      `The webhook's channel is archived. Unarchive it, or make a new incoming webhook in ${APP} for another channel.`,
  ),
  channel_type_not_supported: reject(
    'no-such-channel',
    (place) => `${place} is not a channel that a bot can post to. Give Nunchi the id of a channel.`,
  ),

  no_service: deadWebhook('The incoming webhook does not exist any more or is switched off.'),
  no_team: deadWebhook('The workspace of the incoming webhook does not exist any more.'),
  no_active_hooks: deadWebhook('The incoming webhook is switched off.'),
  invalid_token: deadWebhook('The URL of the incoming webhook is not valid.'),
  team_disabled: deadWebhook('The workspace of the incoming webhook is disabled.'),
  user_not_found: deadWebhook('The person whom the incoming webhook writes to does not exist any more.'),
  action_prohibited: forbidden('A workspace setting keeps the incoming webhook from posting.'),
  posting_to_general_channel_denied: forbidden('The incoming webhook may not post to the general channel.'),
}

/** The rule for a refusal. A name that is not in the table needs a person: Slack answered, so repeating it blindly will not help. */
export function ruleOf(error: string): RefusalRule {
  const unknown = reject(
    'unknown-refusal',
    () => `See https://docs.slack.dev/reference/methods/chat.postMessage for what "${error}" means.`,
  )
  return Object.hasOwn(RULES, error) ? (RULES[error] ?? unknown) : unknown
}

/** Whether this can be one of Slack's error names at all; the client puts whole web pages into the same field. */
export function isErrorName(text: unknown): text is string {
  return typeof text === 'string' && /^[\w.:-]{1,100}$/.test(text)
}
