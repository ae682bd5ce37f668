import { type Kysely, sql } from 'kysely'
import type { ColumnTypes } from './column-types.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'

// biome-ignore lint/suspicious/noExplicitAny: a migration runs against a schema that the types of today do not describe.
type AnyDb = Kysely<any>

/**
 * One step of the schema where the engine commits every change of a schema by itself: how many of its statements are done is
 * written down after each, so that a step that was cut off goes on where it stopped.
 */
export class ResumableStep {
  readonly #db: AnyDb
  readonly #name: string
  readonly #alreadyDone: number
  #seen = 0

  private constructor(db: AnyDb, name: string, alreadyDone: number) {
    this.#db = db
    this.#name = name
    this.#alreadyDone = alreadyDone
  }

  static async open(db: AnyDb, name: string, types: ColumnTypes): Promise<ResumableStep> {
    await sql
      .raw(
        `create table if not exists schema_progress (name ${types.id} not null primary key, statements ${types.int} not null)`,
      )
      .execute(db)
    const row = await db.selectFrom('schema_progress').select('statements').where('name', '=', name).executeTakeFirst()
    if (!row) await db.insertInto('schema_progress').values({ name, statements: 0 }).execute()
    return new ResumableStep(db, name, Number(row?.statements ?? 0))
  }

  /**
   * Runs the next statement unless it is done. The one after the last that was written down may have been done just before
   * the program died: what it would make may then be there.
   */
  async execute(statement: string): Promise<void> {
    const index = this.#seen++
    if (index < this.#alreadyDone) return
    try {
      await sql.raw(statement).execute(this.#db)
    } catch (error) {
      const mayBeDone = index === this.#alreadyDone
      if (!mayBeDone || !capabilitiesOf(this.#db).isAlreadyThere(error)) throw this.#halfDone(error)
    }
    await this.#db
      .updateTable('schema_progress')
      .set({ statements: index + 1 })
      .where('name', '=', this.#name)
      .execute()
  }

  /** Forgets the count: the step is written down as a whole. */
  async done(): Promise<void> {
    await this.#db.deleteFrom('schema_progress').where('name', '=', this.#name).execute()
  }

  #halfDone(cause: unknown): Error {
    const what = cause instanceof Error ? cause.message : String(cause)
    return new Error(
      `The step ${this.#name} of the schema stopped at its statement ${this.#seen}: ${what}. The statements before it are done and stay. Repair the cause and start again: it goes on from there.`,
      { cause },
    )
  }
}
