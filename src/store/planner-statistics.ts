import { sql } from 'kysely'
import type { Db } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'

/** From so many events on a table that was empty before deserves another look. */
const LOOKS_AT_EVENTS = [1_000, 10_000, 100_000]

/**
 * Has the planner of an engine that learns late look at the tables while an installation is young. PostgreSQL looks by itself once a
 * minute; until then a look-up by many keys reads a whole table that the first storm has just filled, and folding falls to a tenth.
 */
export class PlannerStatistics {
  readonly #db: Db
  readonly #onFault: (error: unknown) => void
  #events: number
  #looking: Promise<void> | null = null

  private constructor(db: Db, events: number, onFault: (error: unknown) => void) {
    this.#db = db
    this.#events = events
    this.#onFault = onFault
  }

  /** Rejects with what the database throws. A look that fails later is told to `onFault`, and the next one comes when it is due. */
  static async open(db: Db, onFault: (error: unknown) => void): Promise<PlannerStatistics> {
    // The others need not be asked how much they hold.
    if (capabilitiesOf(db).analyse === null) return new PlannerStatistics(db, Number.POSITIVE_INFINITY, onFault)
    const [ledger] = await db.selectFrom('source_ledger').select(sql<number>`sum(events_read)`.as('events')).execute()
    return new PlannerStatistics(db, Number(ledger?.events ?? 0), onFault)
  }

  /** So many events were folded. Costs nothing but at the few moments in which a look is due. */
  note(events: number): void {
    const before = this.#events
    this.#events += events
    const isDue = LOOKS_AT_EVENTS.some((at) => before < at && this.#events >= at)
    if (isDue) this.#looking ??= this.#look().finally(() => (this.#looking = null))
  }

  /** Resolves when the look under way, if any, is over. */
  async settled(): Promise<void> {
    await this.#looking
  }

  async #look(): Promise<void> {
    const { analyse } = capabilitiesOf(this.#db)
    if (analyse === null) return
    await sql.raw(analyse).execute(this.#db).catch(this.#onFault)
  }
}
