import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'

/** Threads that the product cannot live without. */
export interface WatchedThreads {
  readonly spawn: SpawnThread
  /** From now on a thread that ends is a fault. Before, whoever waits for its start says better what is wrong. */
  readonly begin: () => void
  /** From now on threads end because they are told to. */
  readonly end: () => void
}

/**
 * Tells when a thread ends that should not: without it the product would go on answering 503 for ever, while a
 * supervisor that starts it again would repair it.
 */
export function watchThreads(spawn: SpawnThread, onDeath: (error: Error) => void): WatchedThreads {
  let isWatching = false
  const watched: SpawnThread = (role, data) => {
    const worker = spawn(role, data)
    let cause: unknown
    worker.on('error', (error) => {
      cause = error
    })
    worker.on('exit', () => {
      if (isWatching) onDeath(new Error(`The thread "${role}" has ended`, { cause }))
    })
    return worker
  }
  return {
    spawn: watched,
    begin: () => {
      isWatching = true
    },
    end: () => {
      isWatching = false
    },
  }
}
