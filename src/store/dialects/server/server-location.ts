/** Where a database server is and how to talk to it: plain data, so that it can be handed to a thread. */
export interface ServerLocation {
  readonly kind: 'mysql' | 'postgres'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Most connections of one thread. */
  readonly poolSize: number
  /** Longest wait for a connection, be it a new one or one that is in use. */
  readonly connectTimeoutMs: number
  /** Longest time for one statement. */
  readonly statementTimeoutMs: number
}
