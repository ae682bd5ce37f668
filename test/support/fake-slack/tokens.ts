/** What a token may do and whether it still works. */
export interface TokenOptions {
  readonly token: string
  readonly kind?: 'bot' | 'user'
  readonly scopes?: readonly string[]
  readonly state?: TokenState
}

/** Why Slack no longer takes a token, or `active`. The others are Slack's error names. */
export type TokenState = 'active' | 'token_revoked' | 'account_inactive' | 'token_expired'

/** A token as the workspace knows it now. */
export interface Token {
  readonly token: string
  readonly kind: 'bot' | 'user'
  scopes: readonly string[]
  state: TokenState
}

/** The scopes of a bot that posts and looks up its own messages. */
export const USUAL_SCOPES = [
  'chat:write',
  'channels:history',
  'groups:history',
  'channels:read',
  'groups:read',
] as const

/** Fills in what a test did not say about a token. */
export function makeToken(options: TokenOptions): Token {
  return { kind: 'bot', scopes: USUAL_SCOPES, state: 'active', ...options }
}
