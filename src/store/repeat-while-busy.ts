import { faultOf } from './fault-of.ts'
import { LostRaceError } from './lost-race-error.ts'

const MOST_TRIES = 12
const FIRST_WAIT_MS = 10
const LONGEST_WAIT_MS = 1500
/** Waits for locks count as well: whoever asked has an answer to give. */
const LONGEST_MS = 10_000

/** Does `work` again, with growing, jittered waits, while somebody else is in its way. */
export async function repeatWhileBusy<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const isTired = attempt >= MOST_TRIES || performance.now() - started > LONGEST_MS
      if (isTired || !isWorthRepeating(error)) throw error
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)))
    }
  }
}

/** Whether another try may succeed because somebody else was in the way. */
function isWorthRepeating(error: unknown): boolean {
  return error instanceof LostRaceError || faultOf(error) === 'busy'
}
