import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Does `work` again and again, `everyMs` after its last end, on one node of the cluster at a time; `name` is the same on
 * all nodes. `signal` ends when it is closed, or when another node has taken over: work must bear to be done again.
 */
export type OncePerCluster = (
  name: string,
  everyMs: number,
  work: (signal: AbortSignal) => Promise<void>,
) => { readonly close: () => Promise<void> }

/** For an installation of one node. A run that throws is reported, and the next one comes all the same. */
export function createOnceHere(onFault: (error: unknown, name: string) => void): OncePerCluster {
  return (name, everyMs, work) => {
    const stop = new AbortController()
    const loop = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await work(stop.signal).catch((error: unknown) => onFault(error, name))
        await sleep(everyMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
      }
    }
    const running = loop()
    return {
      close: async () => {
        stop.abort()
        await running
      },
    }
  }
}
