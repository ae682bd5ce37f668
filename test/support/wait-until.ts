import { setTimeout as sleep } from 'node:timers/promises'

/** What `waitUntil` may be told beside the condition. */
export interface WaitOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
  /** Completes the sentence "Timed out waiting until …". */
  readonly why: string
  /** Shown below the sentence on failure: the state that did not come about. */
  readonly describe?: () => string
}

/**
 * Asks `condition` again and again and returns its first truthy answer.
 * A condition that throws counts as "not yet"; the last error becomes the cause of the failure.
 */
export async function waitUntil<T>(condition: () => T | Promise<T>, options: WaitOptions): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000, intervalMs = 20, why, describe } = options
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const answer = await condition()
      if (answer) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      const state = describe === undefined ? '' : `\n${describe()}`
      throw new Error(`Timed out after ${timeoutMs} ms waiting until ${why}.${state}`, { cause })
    }
    await sleep(intervalMs)
  }
}
