import { setTimeout as sleep } from 'node:timers/promises'

/** Does something so many times at fixed times, whatever the answers; answers what came of each. Fails when one fails. */
export async function sendAtPace<T>(
  pace: { readonly perSecond: number; readonly count: number },
  send: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const startedAt = performance.now()
  return await Promise.all(
    Array.from({ length: pace.count }, async (_, index) => {
      await sleep(Math.max(0, startedAt + (index * 1000) / pace.perSecond - performance.now()))
      return await send(index)
    }),
  )
}
