import { DatabaseError } from '../database-error.ts'
import { type RawConnection, ServerConnection } from './server-connection.ts'
import type { ServerLocation } from './server-location.ts'

const IDLE_MS = 60_000

interface Waiter {
  readonly resolve: (connection: ServerConnection) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * The connections of one thread to a server. Nothing has to be restarted when the server was: connections that are lost
 * are forgotten, and the next one who needs one opens it or hears at once why that fails.
 */
export class ServerPool {
  readonly #connect: () => Promise<RawConnection>
  readonly #location: ServerLocation
  readonly #idle: { readonly connection: ServerConnection; readonly since: number }[] = []
  readonly #waiting: Waiter[] = []
  #open = 0
  #sweep: NodeJS.Timeout | null = null
  #onEmpty: (() => void) | null = null
  #isEnding = false

  constructor(location: ServerLocation, connect: () => Promise<RawConnection>) {
    this.#location = location
    this.#connect = connect
  }

  /** A connection for one user at a time; give it back with `release`. Throws a `DatabaseError` when there is none in time. */
  async acquire(): Promise<ServerConnection> {
    if (this.#isEnding) throw new Error('The database handle is closed')
    const idle = this.#idle.pop()
    if (idle) return idle.connection
    if (this.#open < this.#location.poolSize) return await this.#openOne()
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const place = this.#waiting.findIndex((waiter) => waiter.timer === timer)
        if (place >= 0) this.#waiting.splice(place, 1)
        reject(this.#allBusy())
      }, this.#location.connectTimeoutMs)
      this.#waiting.push({ resolve, reject, timer })
    })
  }

  release(connection: ServerConnection): void {
    if (connection.wasSilent) this.#dropIdle(() => true)
    const isKept = connection.isReusable && !this.#isEnding
    const waiter = isKept ? this.#waiting.shift() : undefined
    if (waiter) {
      clearTimeout(waiter.timer)
      waiter.resolve(connection)
    } else if (isKept) {
      this.#rest(connection)
    } else {
      void this.#close(connection)
    }
  }

  /** Ends every connection; those in use when they are given back. */
  async end(): Promise<void> {
    this.#isEnding = true
    if (this.#sweep) clearInterval(this.#sweep)
    for (const waiter of this.#waiting.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.reject(new Error('The database handle is closed'))
    }
    await Promise.all(this.#idle.splice(0).map(({ connection }) => this.#close(connection)))
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  async #openOne(): Promise<ServerConnection> {
    this.#open++
    try {
      return new ServerConnection(await this.#connect(), this.#location.statementTimeoutMs)
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  #rest(connection: ServerConnection): void {
    this.#idle.push({ connection, since: performance.now() })
    connection.onLost = () => this.#dropIdle((idle) => idle.connection === connection)
    this.#sweep ??= setInterval(() => {
      const longAgo = performance.now() - IDLE_MS
      this.#dropIdle(({ since }) => since < longAgo)
    }, IDLE_MS / 2).unref()
  }

  #dropIdle(isUseless: (idle: { connection: ServerConnection; since: number }) => boolean): void {
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const idle = this.#idle[i]
      if (idle && isUseless(idle)) {
        this.#idle.splice(i, 1)
        void this.#close(idle.connection)
      }
    }
  }

  async #close(connection: ServerConnection): Promise<void> {
    connection.onLost = () => undefined
    try {
      await connection.end()
    } catch {
      // It was lost while it said goodbye: gone is what it should be.
    } finally {
      this.#forget()
    }
  }

  /** One connection less: somebody who waits may open another. */
  #forget(): void {
    this.#open--
    if (this.#isEnding) {
      if (this.#open === 0) this.#onEmpty?.()
      return
    }
    const waiter = this.#waiting.shift()
    if (!waiter) return
    clearTimeout(waiter.timer)
    this.#openOne().then(waiter.resolve, waiter.reject)
  }

  #allBusy(): DatabaseError {
    const { poolSize, connectTimeoutMs } = this.#location
    return new DatabaseError(
      `All ${poolSize} connections to the database are in use, and none came free within ${connectTimeoutMs} ms`,
      { fault: 'unavailable', code: 'POOL_EXHAUSTED' },
    )
  }
}
