import type { Tx } from './database.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { faultOf } from './fault-of.ts'
import { LostRaceError } from './lost-race-error.ts'

/**
 * Runs a write whose unique key another writer may take at the same moment. Where an engine has many writers, losing such
 * a race makes `inTransaction` repeat the whole transaction; where it has one there is no race, and a violation is thrown as
 * what it is: a fault of ours.
 */
export async function racingWrite<T>(tx: Tx, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const isRace = faultOf(error) === 'unique' && capabilitiesOf(tx).writers === 'many'
    throw isRace ? new LostRaceError(error) : error
  }
}
