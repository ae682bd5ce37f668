import { type MessagePort, parentPort, type Worker, workerData } from 'node:worker_threads'
import { type SqliteExecutor, type SqliteFile, SqliteSession, type StatementResult } from './sqlite-session.ts'

/** Starts a thread of this program in a role; the composition root knows how. */
export type SpawnThread = (role: string, data: object) => Worker

export const SQLITE_THREAD_ROLE = 'sqlite'

type Call = { readonly id: number; readonly connection: number } & (
  | { readonly op: 'query'; readonly sql: string; readonly parameters: readonly unknown[] }
  | { readonly op: 'begin' | 'commit' | 'rollback' | 'close' }
)
type CallBody = Call extends infer C ? (C extends Call ? Omit<C, 'id'> : never) : never
type Answer = {
  readonly id: number
  readonly result?: StatementResult
  readonly error?: { readonly message: string; readonly errcode?: number | undefined }
}

/** The body of the thread: serves one SQLite file until it is told to close. */
export function runSqliteThread(): void {
  const port = parentPort as MessagePort
  const session = new SqliteSession((workerData as { file: SqliteFile }).file)
  port.on('message', async (call: Call) => {
    port.postMessage(await answer(session, call))
    if (call.op === 'close') port.close()
  })
}

async function answer(session: SqliteSession, call: Call): Promise<Answer> {
  try {
    if (call.op === 'query')
      return { id: call.id, result: await session.query(call.connection, call.sql, call.parameters) }
    if (call.op === 'begin') await session.begin(call.connection)
    else if (call.op === 'close') await session.close()
    else await session.end(call.connection, call.op)
    return { id: call.id }
  } catch (error) {
    const errcode = (error as { errcode?: number }).errcode
    return { id: call.id, error: { message: error instanceof Error ? error.message : String(error), errcode } }
  }
}

/**
 * A SQLite file served by a thread of its own, so that neither a slow query nor an fsync ever stops the event
 * loop of the caller. Calls in flight are refused when the thread ends.
 */
export class SqliteThread implements SqliteExecutor {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve: (result: StatementResult) => void; reject: (error: Error) => void }>()
  #lastCall = 0
  #end: Error | null = null

  constructor(spawn: SpawnThread, file: SqliteFile) {
    this.#worker = spawn(SQLITE_THREAD_ROLE, { file })
    this.#worker.on('message', (reply: Answer) => this.#settle(reply))
    this.#worker.on('error', (error) => this.#refuseAll(error))
    this.#worker.on('exit', () => this.#refuseAll(new Error('The database thread has ended')))
  }

  query(connection: number, sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    return this.#call({ op: 'query', connection, sql, parameters })
  }

  async begin(connection: number): Promise<void> {
    await this.#call({ op: 'begin', connection })
  }

  async end(connection: number, how: 'commit' | 'rollback'): Promise<void> {
    await this.#call({ op: how, connection })
  }

  async close(): Promise<void> {
    if (this.#end === null) await this.#call({ op: 'close', connection: 0 })
  }

  #call(body: CallBody): Promise<StatementResult> {
    // A thread that has ended answers nobody, so that the caller would wait for ever.
    if (this.#end !== null) return Promise.reject(this.#end)
    const id = ++this.#lastCall
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, ...body })
    })
  }

  #settle(reply: Answer): void {
    const call = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (reply.error) call?.reject(Object.assign(new Error(reply.error.message), { errcode: reply.error.errcode }))
    else call?.resolve(reply.result ?? { rows: [], changes: 0 })
  }

  #refuseAll(cause: unknown): void {
    this.#end ??= cause instanceof Error ? cause : new Error(String(cause))
    for (const { reject } of this.#waiting.values()) reject(this.#end)
    this.#waiting.clear()
  }
}
