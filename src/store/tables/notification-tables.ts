/** What channels show of incidents. */
export interface NotificationTables {
  notification: NotificationTable
  notification_post: NotificationPostTable
  digest: DigestTable
  rate_budget: RateBudgetTable
  thread: ThreadTable
}

/** What one channel shows of one incident, and what is wanted of it. */
export interface NotificationTable {
  tenant_id: string
  incident_id: string
  channel_id: string
  /** idle, posting (an answer is awaited), ambiguous (the answer was lost), blocked (a person must repair something), digested (told in a digest). */
  state: 'idle' | 'posting' | 'ambiguous' | 'blocked' | 'digested'
  /** Grows when a root had to be posted anew because the old one is gone. */
  generation: number
  root_id: string | null
  /** Where the root really is, e.g. the Slack channel id that the answer named. */
  root_place: string | null
  root_link: string | null
  /** What the channel has been told: see `ShownState` in notify. */
  shown: string | null
  /** Id of the message under way; the receiver keeps it as metadata so that a lost answer can be looked up. */
  delivery_id: string | null
  delivery_kind: string | null
  posting_since: number | null
  blocked_reason: string | null
  updated_at: number
  /** Names what the root shows now; another name means that it must be edited. */
  root_hash: string | null
  /** The timeline entry up to which notes were told. */
  last_news: string | null
  /** The address of the root before this generation. */
  previous_link: string | null
  /** The digest that tells or told it. */
  digest_id: string | null
  /** The channel that could not be told, where this one stands in for it. */
  fallback_for: string | null
  /** When its first root was begun; NULL when it has none, or one of before this was noted. */
  root_begun_at: number | null
  /** 1: the incident was critical then. */
  is_root_critical: number | null
}

/** One row per message that a channel confirmed; the would-be messages of the preview channel keep their body. */
export interface NotificationPostTable {
  tenant_id: string
  id: string
  incident_id: string
  channel_id: string
  kind: string
  external_id: string
  thread_id: string | null
  posted_at: number
  body: string | null
}

/** One message that tells many incidents, while a channel has more to tell than people can read. */
export interface DigestTable {
  tenant_id: string
  id: string
  channel_id: string
  /** The channel while the storm goes on, else NULL: its unique index allows one storm at a time. */
  open_key: string | null
  state: 'idle' | 'posting' | 'ambiguous'
  root_id: string | null
  root_place: string | null
  root_link: string | null
  root_hash: string | null
  delivery_id: string | null
  posting_since: number | null
  started_at: number
  /** When it last took an incident in. */
  last_news_at: number
  ended_at: number | null
  updated_at: number
}

/** A token bucket that all nodes draw from. */
export interface RateBudgetTable {
  tenant_id: string
  id: string
  /** Thousandths of a token, as of `updated_at`. */
  millitokens: number
  updated_at: number
  /** The receiver asked for a pause until then. */
  paused_until: number
}

interface ThreadTable {
  tenant_id: string
  channel_id: string
  thread_key: string
  ts: string
  updated_at: number
}
