import { printableText } from '../../printable-text.ts'

const NEW_TOKEN = 'Make a new one with the scope connections:write: app → Basic Information → App-Level Tokens.'
const OF_TOKEN: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'account_inactive',
  'missing_scope',
  'not_allowed_token_type',
])

/** Why Slack opens no Socket Mode connection, by the name it gave, with what to do; null where it gave none. */
export function socketProblemOf(error: string | null): string {
  if (error === null) return 'Slack cannot be reached to open a connection; Nunchi goes on trying.'
  if (OF_TOKEN.has(error)) return `Slack does not take the app-level token (${error}). ${NEW_TOKEN}`
  return `Slack refused to open a connection: ${printableText(error).slice(0, 100)}. Look whether Socket Mode is switched on: app → Socket Mode.`
}
