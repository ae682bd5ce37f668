import { readFileSync } from 'node:fs'
import type { JetStreamManager } from '@nats-io/jetstream'
import type { ConnectionOptions, MsgHdrs, NatsConnection, Status } from '@nats-io/transport-node'
import { LogUnavailableError } from '../delivery-log.ts'
import { natsFault } from './nats-fault.ts'
import type { StreamLocation } from './stream-location.ts'

/** What happens to a connection, for those who wait for answers on it. */
export interface SessionListener {
  /** Answers to what was sent before will never come. */
  readonly onLost?: () => void
  readonly onBack?: () => void
  /** The user may not publish to this subject. */
  readonly onRefused?: (subject: string, error: LogUnavailableError) => void
}

const REQUEST_TIMEOUT_MS = 4000
/** Two pings without an answer end a connection that is dead without having been closed: before a sender gives up after 10 s. */
const PING_MS = 2500

/** One connection to NATS that comes back by itself. */
export class NatsSession {
  readonly nc: NatsConnection
  readonly jsm: JetStreamManager
  readonly newHeaders: () => MsgHdrs
  /** A subject for answers that nobody else has. */
  readonly newInbox: () => string
  readonly #listeners = new Set<SessionListener>()
  /** Milliseconds of the monotonic clock; null = connected. */
  #lostAt: number | null = null

  private constructor(parts: Pick<NatsSession, 'nc' | 'jsm' | 'newHeaders' | 'newInbox'>) {
    this.nc = parts.nc
    this.jsm = parts.jsm
    this.newHeaders = parts.newHeaders
    this.newInbox = parts.newInbox
    void this.#watch()
  }

  /** Connects; the NATS client is loaded only now. Rejects with LogUnavailableError, which says what is wrong with the address or the login. */
  static async open(location: StreamLocation): Promise<NatsSession> {
    const [transport, jetstream] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/jetstream')])
    const servers = location.servers.join(', ')
    let nc: NatsConnection
    try {
      nc = await transport.connect(connectionOptions(location, transport.credsAuthenticator))
    } catch (error) {
      throw new LogUnavailableError(`no connection to NATS at ${servers}: ${reasonOf(error)}`, error)
    }
    const jsm = await jetstream.jetstreamManager(nc, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS })
    return new NatsSession({ nc, jsm, newHeaders: transport.headers, newInbox: () => transport.createInbox() })
  }

  get isConnected(): boolean {
    return this.#lostAt === null && !this.nc.isClosed()
  }

  /** For how long there has been no connection. */
  get lostForMs(): number {
    return this.#lostAt === null ? 0 : performance.now() - this.#lostAt
  }

  /** Tells what happens from now on; the returned function ends it. */
  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    await this.nc.close()
  }

  async #watch(): Promise<void> {
    for await (const status of this.nc.status()) this.#onStatus(status)
  }

  #onStatus(status: Status): void {
    if (status.type === 'disconnect' || status.type === 'close') {
      this.#lostAt ??= performance.now()
      for (const { onLost } of [...this.#listeners]) onLost?.()
    } else if (status.type === 'reconnect') {
      this.#lostAt = null
      for (const { onBack } of [...this.#listeners]) onBack?.()
    } else if (status.type === 'error' && status.error.name === 'PermissionViolationError') {
      const { operation, subject } = status.error as Error & { operation: string; subject: string }
      if (operation !== 'publish') return
      for (const { onRefused } of [...this.#listeners]) onRefused?.(subject, natsFault(status.error))
    }
  }
}

function reasonOf(error: unknown): string {
  return natsFault(error).message.replace('The delivery log is unavailable: ', '')
}

type CredsAuthenticator = typeof import('@nats-io/transport-node').credsAuthenticator

function connectionOptions(location: StreamLocation, credsAuthenticator: CredsAuthenticator): ConnectionOptions {
  const { user, password, token, credentialsFile } = location.login
  return {
    servers: [...location.servers],
    name: 'nunchi',
    timeout: REQUEST_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    reconnectJitterTLS: 200,
    pingInterval: PING_MS,
    maxPingOut: 2,
    // A login that is refused for a while (rotated, server restarting with an empty resolver) must not end the log for good.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...present({ user, pass: password, token }),
    ...(credentialsFile === null
      ? {}
      : { authenticator: (nonce?: string) => credsAuthenticator(readFileSync(credentialsFile))(nonce) }),
    ...(location.tls === null ? {} : { tls: present({ ...location.tls }) }),
  }
}

/** Without what is null: for the client that would be something said. */
function present(values: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null))
}
