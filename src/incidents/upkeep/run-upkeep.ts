import { setTimeout as sleep } from 'node:timers/promises'
import type { Db, Tx } from '../../store/database.ts'
import { inTransaction } from '../../store/transaction.ts'
import { SeriesRoster } from '../activity/series-roster.ts'
import { takeInEventsTx } from './take-in-events.ts'
import { takeInIncidentsTx } from './take-in-incidents.ts'

export interface UpkeepDeps {
  readonly db: Db
  readonly tenantId: string
  /** Ends the run between two batches. */
  readonly signal: AbortSignal
}

export interface UpkeepReport {
  readonly incidents: number
  readonly events: number
}

const INCIDENTS_PER_BATCH = 50
const EVENTS_PER_BATCH = 500
/** Between batches, so that whoever waits to write does. */
const PAUSE_MS = 10

/**
 * Takes what was stored before an upgrade into the index of the search and into the roll-ups, in small batches, each with
 * how far it got: nothing is taken in twice, whatever stops a run and whoever runs at the same time. Throws what the database throws.
 */
export async function runUpkeep({ db, tenantId, signal }: UpkeepDeps): Promise<UpkeepReport> {
  const roster = new SeriesRoster()
  const inBatches = async (takeIn: (tx: Tx) => Promise<number>): Promise<number> => {
    let total = 0
    while (!signal.aborted) {
      const found = await inTransaction(db, takeIn)
      if (found === 0) break
      total += found
      await sleep(PAUSE_MS)
    }
    return total
  }
  return {
    incidents: await inBatches((tx) => takeInIncidentsTx(tx, tenantId, { limit: INCIDENTS_PER_BATCH, roster })),
    events: await inBatches((tx) => takeInEventsTx(tx, tenantId, { limit: EVENTS_PER_BATCH, roster })),
  }
}
