import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Repeats `work` about every so many milliseconds on one node of the cluster; `name` is the same on all nodes. `stop` ends
 * when it is over: when it was closed, or when another node has taken over. The returned function ends it and
 * waits for the work under way.
 */
export type RepeatOnce = (
  name: string,
  everyMs: number,
  work: (stop: AbortSignal) => Promise<void>,
) => () => Promise<void>

/** For an installation of one node. What `work` throws goes to `onFault`, and the next turn comes all the same. */
export function repeatAlone(onFault: (name: string, error: unknown) => void): RepeatOnce {
  return (name, everyMs, work) => {
    const stop = new AbortController()
    const loop = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        try {
          await work(stop.signal)
        } catch (error) {
          onFault(name, error)
        }
        await sleep(everyMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
      }
    }
    const running = loop()
    return async () => {
      stop.abort()
      await running
    }
  }
}
