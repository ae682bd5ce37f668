import { monotonicFactory } from 'ulid'

/** Makes ids that sort by the time they were made: 26 characters, Crockford base 32 (ULID). */
export type NewId = (at: number) => string

/** A maker of ids that never repeats and, within a process, never goes back, even when `at` does. */
export function createNewId(): NewId {
  return monotonicFactory()
}
