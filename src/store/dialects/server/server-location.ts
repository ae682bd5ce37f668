export const TLS_MODES = ['off', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

/**
 * How much TLS is wanted: `prefer` takes it where the server offers it, `require` insists on it but asks nobody who the server
 * is, `verify-ca` checks its certificate, `verify-full` also the name in it.
 */
export type TlsMode = (typeof TLS_MODES)[number]

export interface ServerTls {
  readonly mode: TlsMode
  /** Certificates as PEM text; null = those of the system. */
  readonly ca: string | null
  /** Our own certificate and its key, for servers that ask for one. */
  readonly cert: string | null
  readonly key: string | null
}

/** Where a database server is and how to talk to it: plain data, so that it can be handed to a thread. */
export interface ServerLocation {
  readonly kind: 'mysql' | 'postgres'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly tls: ServerTls
  /** Most connections of one thread. */
  readonly poolSize: number
  /** Longest wait for a connection, be it a new one or one that is in use. */
  readonly connectTimeoutMs: number
  /** Longest time for one statement. */
  readonly statementTimeoutMs: number
}

/** What stands in where nothing is said. A sender gets an answer before it gives up (10 s), even when both times are used up. */
export const SERVER_DEFAULTS = { poolSize: 10, connectTimeoutMs: 2000, statementTimeoutMs: 5000 } as const

/**
 * Longest time that a transaction may do nothing, after which the server ends it. A process that is stopped or cut off in the middle of
 * one would hold its rows until TCP gives up, and with them every other node.
 */
export const IDLE_IN_TRANSACTION_MS = 8_000
