import type { JsonObject } from './schema-checks.ts'

/**
 * What somebody is in the workspace. A `stranger` belongs to another workspace and is seen here only through
 * a channel that both share (Slack Connect).
 */
export type UserKind = 'member' | 'guest' | 'single-channel-guest' | 'stranger' | 'bot' | 'deleted'

/** What a test says about somebody. */
export interface UserOptions {
  readonly id: string
  readonly kind?: UserKind
  readonly name?: string
  readonly realName?: string
  readonly email?: string
  /** The workspace of a stranger. */
  readonly teamId?: string
  /** The channels they are in; members are in all that exist, guests and strangers only in these. */
  readonly channels?: readonly string[]
}

/** Somebody whom the workspace knows. */
export interface SlackUser {
  readonly id: string
  kind: UserKind
  readonly name: string
  readonly realName: string
  email: string | undefined
  readonly teamId: string
}

const OTHER_TEAM = 'T0STRANGER'

/** Fills in what a test did not say about somebody. */
export function makeUser(options: UserOptions, homeTeam: string): SlackUser {
  const { id, kind = 'member', name = id.toLowerCase(), realName = name, email } = options
  const teamId = options.teamId ?? (kind === 'stranger' ? OTHER_TEAM : homeTeam)
  return { id, kind, name, realName, email, teamId }
}

/** Somebody as `users.info` shows them. The e-mail address needs a scope, and a stranger's is never shown. */
export function showUser(user: SlackUser, isEmailAllowed: boolean): JsonObject {
  const { id, kind, name, realName, email, teamId } = user
  const isEmailShown = isEmailAllowed && email !== undefined && kind !== 'stranger' && kind !== 'bot'
  const isGuest = kind === 'guest' || kind === 'single-channel-guest'
  const names = { real_name: realName, real_name_normalized: realName, display_name: name }
  return {
    id,
    team_id: teamId,
    name,
    real_name: realName,
    deleted: kind === 'deleted',
    tz: 'Asia/Seoul',
    tz_offset: 32_400,
    profile: { ...names, display_name_normalized: name, team: teamId, ...(isEmailShown ? { email } : {}) },
    is_admin: false,
    is_owner: false,
    is_bot: kind === 'bot',
    is_app_user: false,
    is_restricted: isGuest,
    is_ultra_restricted: kind === 'single-channel-guest',
    ...(kind === 'stranger' ? { is_stranger: true } : {}),
    updated: 1_700_000_000,
  }
}
