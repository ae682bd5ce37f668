import { setTimeout as sleep } from 'node:timers/promises'

/** How the product answered a small request again and again while something else went on. */
export interface LatencyReport {
  readonly answers: number
  readonly failures: readonly string[]
  readonly longestMs: number
}

/** Asks an address every `everyMs` until the returned function is called, which reports. */
export function watchLatency(url: string, everyMs = 50): () => Promise<LatencyReport> {
  const failures: string[] = []
  let answers = 0
  let longestMs = 0
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const before = performance.now()
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
        await response.arrayBuffer()
        answers += 1
        if (response.status !== 200) failures.push(`status ${response.status}`)
      } catch (error) {
        failures.push(String(error))
      }
      longestMs = Math.max(longestMs, performance.now() - before)
      await sleep(everyMs)
    }
  })()
  return async () => {
    isOver = true
    await asking
    return { answers, failures, longestMs }
  }
}
