import { encodeTime, monotonicFactory, TIME_LEN } from 'ulid'

/** Makes ids that sort by the time they were made: 26 characters, Crockford base 32 (ULID). */
export type NewId = (at: number) => string

/** A maker of ids that never repeats and, within a process, never goes back, even when `at` does. */
export function createNewId(): NewId {
  return monotonicFactory()
}

const RANDOM_LENGTH = 16

/** The smallest id that could be made at an instant: every id made before it is smaller. */
export function firstIdAt(at: number): string {
  return encodeTime(Math.max(0, at), TIME_LEN) + '0'.repeat(RANDOM_LENGTH)
}
