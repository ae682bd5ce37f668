import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../store/database.ts'
import type { HeldLease, LeaseKeeper } from './lease-keeper.ts'
import { noteRun, readLeases } from './lease-repository.ts'

/** One run of work that only one node does. `signal` ends when the node stops or may not go on; a run should end soon then. */
export type ClusterWork = (signal: AbortSignal) => Promise<void>

/** Work that goes on until closed; `close` ends after what is under way. */
export interface RunningWork {
  readonly close: () => Promise<void>
}

/**
 * Does `work` again and again, `everyMs` after its last end, on one node at a time, whichever it is; when that node dies another one takes
 * over within seconds. A run may be cut short and a node that loses contact may run on for a moment, so work must bear to be done again.
 * A run that throws is reported, and is due again after `everyMs`.
 */
export type OncePerCluster = (name: string, everyMs: number, work: ClusterWork) => RunningWork

export interface OncePerClusterDeps {
  readonly db: Db
  readonly keeper: LeaseKeeper
  /** A run failed, or the database could not be asked. */
  readonly onFault: (error: unknown, name: string) => void
}

/** Between two looks whether the node that has the work is still there. */
const LOOK_EVERY_MS = 3_000

/** `OncePerCluster` where several nodes share a database. When the last run ended is remembered there. */
export function createOncePerCluster(deps: OncePerClusterDeps): OncePerCluster {
  const { keeper, onFault } = deps
  return (name, everyMs, work) => {
    const turn = async (stop: AbortSignal): Promise<number> => {
      try {
        return await takeTurn(deps, { name, everyMs, work, stop })
      } catch (error) {
        onFault(error, name)
        return LOOK_EVERY_MS
      }
    }
    return runUntilClosed(turn, () => keeper.release([leaseOfWork(name)]))
  }
}

interface Turn {
  readonly name: string
  readonly everyMs: number
  readonly work: ClusterWork
  readonly stop: AbortSignal
}

/** Does the work when it is due and this node has it; answers when to look again. Throws what the database throws. */
async function takeTurn({ db, keeper, onFault }: OncePerClusterDeps, turn: Turn): Promise<number> {
  const { name, everyMs, work, stop } = turn
  const lookEveryMs = Math.min(LOOK_EVERY_MS, everyMs)
  const lease = await keeper.acquire(leaseOfWork(name))
  if (lease === null) return lookEveryMs
  const dueInMs = everyMs - (await ranAgoMs(db, lease))
  // Short sleeps: a lease that is lost meanwhile must be noticed, and wanted again.
  if (dueInMs > 0) return Math.min(dueInMs, lookEveryMs)
  const signal = AbortSignal.any([stop, lease.signal])
  await work(signal).catch((error: unknown) => onFault(error, name))
  // A run that was cut short is due at once, on whichever node has the lease next.
  if (!signal.aborted) await noteRun(db, lease.name, lease.fence)
  return lookEveryMs
}

/** `OncePerCluster` where there is only this process: the first run begins at once. */
export function createOnceHere(onFault: (error: unknown, name: string) => void): OncePerCluster {
  return (name, everyMs, work) =>
    runUntilClosed(
      async (stop) => {
        await work(stop).catch((error: unknown) => onFault(error, name))
        return everyMs
      },
      async () => undefined,
    )
}

/** The lease of work that is done once per cluster. */
export function leaseOfWork(name: string): string {
  return `work/${name}`
}

async function ranAgoMs(db: Db, { name }: HeldLease): Promise<number> {
  const lease = (await readLeases(db)).find((each) => each.name === name)
  return lease?.ranAgoMs ?? Number.POSITIVE_INFINITY
}

function runUntilClosed(turn: (stop: AbortSignal) => Promise<number>, atEnd: () => Promise<void>): RunningWork {
  const stop = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const pauseMs = await turn(stop.signal)
      await sleep(pauseMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
    }
    await atEnd()
  }
  const running = loop()
  return {
    close: async () => {
      stop.abort()
      await running
    },
  }
}
