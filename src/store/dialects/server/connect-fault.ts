import { DatabaseError, NOT_READY } from '../database-error.ts'
import type { ServerLocation } from './server-location.ts'

/** Why a connection did not come about, as operators tell the cases apart. */
export type ConnectReason =
  | 'host-unknown'
  | 'refused'
  | 'silent'
  | 'wrong-login'
  | 'not-from-here'
  | 'unknown-database'
  | 'no-access'
  | 'tls-not-offered'
  | 'tls-required'
  | 'tls-untrusted'
  | 'too-many'
  | 'too-old'
  | 'read-only'
  | typeof NOT_READY
  | 'other'

type Words = (
  at: ServerLocation & { readonly address: string; readonly said: string },
) => readonly [problem: string, remedy: string]

const WORDS: Readonly<Record<ConnectReason, Words>> = {
  'host-unknown': ({ host }) => [
    `The name ${host} of the database's host leads to no address.`,
    'Correct the host in DATABASE_URL or DB_HOST, or wait until the name service knows it.',
  ],
  refused: ({ address }) => [
    `Nothing answers at ${address}, where the database should be.`,
    'Start the database, or correct host and port in DATABASE_URL (DB_HOST, DB_PORT).',
  ],
  silent: ({ address, connectTimeoutMs }) => [
    `The database at ${address} did not answer within ${connectTimeoutMs} ms.`,
    'See whether a firewall stands between, and whether the host is up; a far database may need a larger database.connectTimeout.',
  ],
  'wrong-login': ({ user, address, tls }) => [
    `The database at ${address} does not let the user ${user} in with this password.`,
    `Correct user and password in DATABASE_URL (DB_USER, DB_PASSWORD). In a URL, signs such as \`@\` and \`/\` are written %40 and %2F.${tls.mode === 'off' ? ' A MariaDB that insists on TLS says the same: then set database.tls.mode to `require`.' : ''}`,
  ],
  'not-from-here': ({ user, address, said }) => [
    `The database at ${address} lets nobody in from this machine, or not the user ${user} (it said: ${said}).`,
    'Allow this machine: in PostgreSQL a line of pg_hba.conf, in MySQL a user whose host part fits.',
  ],
  'unknown-database': ({ database, address }) => [
    `There is no database ${database} at ${address}.`,
    `Make it (\`create database ${database}\`), or correct its name in DATABASE_URL or DB_NAME.`,
  ],
  'no-access': ({ user, database }) => [
    `The user ${user} may not use the database ${database}.`,
    'Grant it all privileges on that database: Nunchi makes its own tables.',
  ],
  'tls-not-offered': ({ address, tls }) => [
    `The database at ${address} offers no TLS, which database.tls.mode \`${tls.mode}\` asks for.`,
    'Set up TLS in the server, or allow plain connections with database.tls.mode `prefer` or `off` (sslmode in DATABASE_URL).',
  ],
  'tls-required': ({ address, user }) => [
    `The database at ${address} lets the user ${user} in only with TLS, or not at all from this machine.`,
    'Set database.tls.mode to `require`, or better to `verify-full` with its certificate in database.tls.ca; in PostgreSQL see pg_hba.conf as well.',
  ],
  'tls-untrusted': ({ address, said }) => [
    `The certificate of the database at ${address} is not trusted (${said}).`,
    'Name the certificate of whoever issued it in database.tls.ca (sslrootcert), and the host as the certificate has it.',
  ],
  'too-many': ({ address, poolSize }) => [
    `The database at ${address} takes no more connections.`,
    `Raise its limit (max_connections), or lower database.poolSize: each node opens up to ${2 * poolSize}.`,
  ],
  'too-old': ({ address, said }) => [
    `The database at ${address} is ${said}, which is too old.`,
    'Nunchi needs MySQL 8, MariaDB 10.6 or PostgreSQL 14, or newer.',
  ],
  'read-only': ({ address }) => [
    `The database at ${address} is read-only: a replica, or one under maintenance.`,
    'Name the server that takes writes; behind a proxy, the port of the primary.',
  ],
  [NOT_READY]: ({ address }) => [
    `The database at ${address} is starting or stopping.`,
    'Wait: Nunchi tries again by itself.',
  ],
  other: ({ address, said }) => [
    `The database at ${address} cannot be used: ${said}`,
    'What it said is above; its own log often says more.',
  ],
}

/** What happened at the door of a server, in words for an operator. The words hold no password. */
export function connectError(location: ServerLocation, reason: ConnectReason, cause: unknown): DatabaseError {
  const address = `${location.host.includes(':') ? `[${location.host}]` : location.host}:${location.port}`
  const said = cause instanceof Error ? cause.message : String(cause)
  const [problem, remedy] = WORDS[reason]({ ...location, address, said })
  return new DatabaseError(problem, { fault: 'unavailable', code: reason, remedy, endsConnection: true, cause })
}

/** The server has no TLS at all: where it was only preferred, it goes without. */
export function isTlsNotOffered(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'tls-not-offered'
}

const BY_NODE_CODE: Readonly<Record<string, ConnectReason>> = {
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ECONNRESET: 'not-ready',
  EPIPE: 'not-ready',
  ETIMEDOUT: 'silent',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls-untrusted',
  CERT_HAS_EXPIRED: 'tls-untrusted',
  CERT_NOT_YET_VALID: 'tls-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tls-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls-untrusted',
}

/** The reasons that the network and TLS have, the same for every server; null when the error is of another kind. */
export function networkReason(error: unknown): ConnectReason | null {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: readonly unknown[] }
  // A name with several addresses fails with all their errors at once.
  if (Array.isArray(errors) && errors.length > 0) return networkReason(errors[0])
  return typeof code === 'string' ? (BY_NODE_CODE[code] ?? null) : null
}
