import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

const AFTER_MS = 2_000

/**
 * Collects what starting up has left behind in this thread, once, soon after it: V8 by itself waits for memory to be
 * short, and an idle Nunchi would keep tens of megabytes of it for ever. Never keeps the process alive.
 */
export function settleMemorySoon(): void {
  setTimeout(() => {
    // The collector is reachable only in a context made while the flag is set.
    setFlagsFromString('--expose-gc')
    const collect: Collect | undefined = runInNewContext('globalThis.gc')
    setFlagsFromString('--no-expose-gc')
    // The flag is one for all threads: another one may have taken it back in between.
    if (collect === undefined) settleMemorySoon()
    else collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, AFTER_MS).unref()
}
