import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import { DatabaseError } from '../database-error.ts'
import { storableAll } from './storable.ts'

/** Run as a statement, it lifts every limit of time from its connection, which is not used again by others. */
export const LIFT_LIMITS = 'lift limits of time'

/** One connection as a driver gives it. Its errors are `DatabaseError`s already. */
export interface RawConnection {
  /** The statement that makes the server lift its limits of time for this connection. */
  readonly liftLimits: string
  query(statement: string, values: unknown[]): Promise<QueryResult<unknown>>
  /** Says goodbye. */
  end(): Promise<void>
  /** Ends at once; what is under way may never be answered. */
  destroy(): void
  /** Calls back once when the connection is lost by itself. */
  onLost(listener: (error: DatabaseError) => void): void
}

/** The server ends a statement that takes too long by itself; only one that does not answer at all waits this much longer. */
const GRACE_MS = 250
const GOODBYE_MS = 500
const SILENCE = 'SILENCE'

type Phase = 'none' | 'open' | 'committing'

/**
 * A connection whose statements have a deadline, and which knows what a loss means: before the commit nothing was
 * done (`busy`: the transaction may be repeated), otherwise the outcome is unknown (`unavailable`).
 */
export class ServerConnection implements DatabaseConnection {
  readonly #raw: RawConnection
  readonly #timeoutMs: number
  readonly #pending = new Set<(error: DatabaseError) => void>()
  #phase: Phase = 'none'
  #lost: DatabaseError | null = null
  #isUnbounded = false
  #onLost: () => void = () => undefined

  constructor(raw: RawConnection, timeoutMs: number) {
    this.#raw = raw
    this.#timeoutMs = timeoutMs
    raw.onLost((error) => this.#lose(error))
  }

  /** False once it was lost, or its limits were lifted: it must not be used by the next one. */
  get isReusable(): boolean {
    return this.#lost === null && !this.#isUnbounded && this.#phase === 'none'
  }

  /** True when it was given up because the server answered nothing: its neighbours will not fare better. */
  get wasSilent(): boolean {
    return this.#lost?.code === SILENCE
  }

  /** The listener hears of a loss while nobody uses the connection. */
  set onLost(listener: () => void) {
    this.#onLost = listener
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return (await this.#run(query.sql, storableAll(query.parameters))) as QueryResult<R>
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator, and nothing here streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming a query is not supported: page through it with limit')
  }

  async begin(): Promise<void> {
    this.#phase = 'open'
    await this.#run('begin', [])
  }

  async commit(): Promise<void> {
    this.#phase = 'committing'
    await this.#run('commit', [])
    this.#phase = 'none'
  }

  /** Never throws: a connection that cannot roll back is ended, which rolls back as well. */
  async rollback(): Promise<void> {
    if (this.#lost !== null) return
    try {
      await this.#run('rollback', [])
      this.#phase = 'none'
    } catch (error) {
      this.#lose(asLoss(error))
    }
  }

  /** Ends it, politely where nothing is under way; a server that does not answer the goodbye is left standing. */
  async end(): Promise<void> {
    if (this.#lost === null && this.#pending.size === 0) {
      const { promise: enough, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, GOODBYE_MS)
      await Promise.race([this.#raw.end(), enough])
      clearTimeout(timer)
    }
    this.#raw.destroy()
  }

  async #run(statement: string, values: unknown[]): Promise<QueryResult<unknown>> {
    if (this.#lost !== null) throw this.#meaning(this.#lost)
    if (statement === LIFT_LIMITS) this.#isUnbounded = true
    const said = statement === LIFT_LIMITS ? this.#raw.liftLimits : statement
    try {
      return await this.#withDeadline(() => this.#raw.query(said, values))
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
      if (error.endsConnection) this.#lose(error)
      throw this.#meaning(error)
    }
  }

  #withDeadline<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#isUnbounded ? null : setTimeout(() => this.#lose(this.#silence()), this.#timeoutMs + GRACE_MS)
      const settle = (): void => {
        if (timer !== null) clearTimeout(timer)
        this.#pending.delete(reject)
      }
      this.#pending.add(reject)
      work().then(
        (value) => {
          settle()
          resolve(value)
        },
        (error) => {
          settle()
          reject(error)
        },
      )
    })
  }

  #silence(): DatabaseError {
    return new DatabaseError(`The database did not answer within ${this.#timeoutMs} ms`, {
      fault: 'unavailable',
      code: SILENCE,
      endsConnection: true,
    })
  }

  #lose(error: DatabaseError): void {
    if (this.#lost !== null) return
    this.#lost = error
    this.#raw.destroy()
    for (const reject of [...this.#pending]) reject(error)
    this.#pending.clear()
    this.#onLost()
  }

  /** A lost connection, as those who wait for it should take it. Silence is not repeated: it would last as long again. */
  #meaning(error: DatabaseError): DatabaseError {
    if (!error.endsConnection || error.fault !== 'unavailable' || this.#phase !== 'open' || error.code === SILENCE)
      return error
    return new DatabaseError(error.message, { ...error, fault: 'busy', cause: error })
  }
}

function asLoss(error: unknown): DatabaseError {
  if (error instanceof DatabaseError && error.endsConnection) return error
  return new DatabaseError('The connection to the database is in an unknown state', {
    fault: 'unavailable',
    endsConnection: true,
    cause: error,
  })
}
