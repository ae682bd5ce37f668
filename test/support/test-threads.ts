import { Worker } from 'node:worker_threads'
import type { SpawnThread } from '../../src/store/dialects/sqlite/sqlite-thread.ts'

const ENTRY = new URL('./thread-entry.ts', import.meta.url)

/** Starts the product's threads from source, for tests that build parts of it in their own process. */
export const spawnTestThread: SpawnThread = (role, data) => new Worker(ENTRY, { workerData: { ...data, role } })
