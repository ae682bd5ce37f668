/** What a token may do and whether it still works. */
export interface TokenOptions {
  readonly token: string
  readonly kind?: TokenKind
  readonly scopes?: readonly string[]
  readonly state?: TokenState
}

/** Whom a token stands for: the bot, a person, or with `xapp-` the app itself. */
export type TokenKind = 'bot' | 'user' | 'app'

/** Why Slack no longer takes a token, or `active`. The others are Slack's error names. */
export type TokenState = 'active' | 'token_revoked' | 'account_inactive' | 'token_expired'

/** A token as the workspace knows it now. */
export interface Token {
  readonly token: string
  readonly kind: TokenKind
  scopes: readonly string[]
  state: TokenState
}

/** The scopes of a bot that posts, looks up its own messages and knows who clicked. */
export const USUAL_SCOPES = [
  'chat:write',
  'channels:history',
  'groups:history',
  'channels:read',
  'groups:read',
  'commands',
  'users:read',
  'users:read.email',
] as const

const APP_SCOPES = ['connections:write']

/** Fills in what a test did not say about a token. */
export function makeToken(options: TokenOptions): Token {
  const kind = options.kind ?? (options.token.startsWith('xapp-') ? 'app' : 'bot')
  return { scopes: kind === 'app' ? APP_SCOPES : USUAL_SCOPES, state: 'active', ...options, kind }
}
