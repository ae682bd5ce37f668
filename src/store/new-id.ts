import { randomFillSync } from 'node:crypto'
import { decodeTime, encodeTime, monotonicFactory, TIME_LEN } from 'ulid'

/** Makes ids that sort by the time they were made: 26 characters, Crockford base 32 (ULID). */
export type NewId = (at: number) => string

/**
 * A maker of ids that never repeats and, within a process, never goes back, even when `at` does. No id is smaller than those
 * of `since`: give the time of the start, so that ids of this process lie behind all that were there before it.
 */
export function createNewId(since = 0): NewId {
  const newId = monotonicFactory(pooledRandom())
  // To the package 0 is the present, which would put every id of a test behind it.
  if (since > 0) newId(since)
  return newId
}

const RANDOM_LENGTH = 16

/** When an id says that it was made (ms since 1970); 0 for what is no id of ours. */
export function timeOfId(id: string): number {
  return id.length === TIME_LEN + RANDOM_LENGTH ? decodeTime(id) : 0
}

/** The smallest id that could be made at an instant: every id made before it is smaller. */
export function firstIdAt(at: number): string {
  return encodeTime(Math.max(0, at), TIME_LEN) + '0'.repeat(RANDOM_LENGTH)
}

const POOL_BYTES = 4096

/** Random numbers from 0 to below 1 in steps of 1/256, which is all that a character of an id needs. Asking the system for each costs more than the id. */
function pooledRandom(): () => number {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    return (pool[used++] ?? 0) / 256
  }
}
