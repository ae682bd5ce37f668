import { type ConnectReason, networkReason } from '../server/connect-fault.ts'

const BY_STATE: Readonly<Record<string, ConnectReason>> = {
  '28P01': 'wrong-login',
  '28000': 'not-from-here',
  '3D000': 'unknown-database',
  '42501': 'no-access',
  '53300': 'too-many',
  '57P01': 'not-ready',
  '57P02': 'not-ready',
  '57P03': 'not-ready',
}

/** What only words tell: the driver's own for the first two, those of the server's manual for the others. */
const BY_WORDS: readonly (readonly [RegExp, ConnectReason])[] = [
  [/does not support SSL connections/, 'tls-not-offered'],
  [/client password must be a string|password must be a non-empty string/i, 'wrong-login'],
  [/no pg_hba\.conf entry.*(?:no encryption|SSL off)/, 'tls-required'],
  [/Connection terminated unexpectedly/, 'not-ready'],
]

/** Why PostgreSQL did not let us in, from what pg throws. */
export function postgresConnectReason(error: unknown): ConnectReason {
  const message = error instanceof Error ? error.message : ''
  const byWords = BY_WORDS.find(([words]) => words.test(message))
  if (byWords) return byWords[1]
  return BY_STATE[(error as { code?: string } | null)?.code ?? ''] ?? networkReason(error) ?? 'other'
}
