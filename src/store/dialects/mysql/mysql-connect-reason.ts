import { type ConnectReason, networkReason } from '../server/connect-fault.ts'

const BY_NUMBER: Readonly<Record<number, ConnectReason>> = {
  1040: 'too-many',
  1044: 'no-access',
  1045: 'wrong-login',
  1049: 'unknown-database',
  1053: 'not-ready',
  1129: 'not-from-here',
  1130: 'not-from-here',
  1203: 'too-many',
  1226: 'too-many',
  1698: 'wrong-login',
  3159: 'tls-required',
}

const BY_WORD: Readonly<Record<string, ConnectReason>> = {
  HANDSHAKE_NO_SSL_SUPPORT: 'tls-not-offered',
  PROTOCOL_CONNECTION_LOST: 'not-ready',
}

/** mysql2 gives every mistake of TLS one code. */
const ABOUT_CERTIFICATE = /certificate|altnames/i

/** Why MySQL or MariaDB did not let us in, from what mysql2 throws. */
export function mysqlConnectReason(error: unknown): ConnectReason {
  const { errno, code } = (error ?? {}) as { errno?: unknown; code?: unknown }
  const message = error instanceof Error ? error.message : ''
  if (ABOUT_CERTIFICATE.test(message)) return 'tls-untrusted'
  return BY_NUMBER[errno as number] ?? BY_WORD[code as string] ?? networkReason(error) ?? 'other'
}
