import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import type { SpawnThread } from '../store/dialects/sqlite/sqlite-thread.ts'
import { carriedPacks } from './load-pack.ts'
import { THREAD_MODULES } from './thread-modules.ts'

/**
 * The programs of the threads by role, gzipped, and the packs that each may load, put here by the build; not there when the program
 * runs from its sources.
 */
declare const NUNCHI_THREADS: Readonly<Record<string, ThreadProgram>> | undefined

interface ThreadProgram {
  readonly gzipped: string
  readonly packs: readonly string[]
}

/** Runs the role of this thread, when the program runs from its sources; false in the main thread, which has none. */
export async function runThreadRole(): Promise<boolean> {
  if (isMainThread) return false
  const role = (workerData as { role?: string } | null)?.role ?? ''
  if (!Object.hasOwn(THREAD_MODULES, role)) throw new Error(`This program has no thread role named ${role}`)
  const { file, run } = THREAD_MODULES[role as keyof typeof THREAD_MODULES]
  const module: Record<string, () => void | Promise<void>> = await import(new URL(file, import.meta.url).href)
  await module[run]?.()
  return true
}

/**
 * Young generations of the threads, MiB. They live on short-lived rows; the default of 16 MiB per half-space would
 * triple what an idle Nunchi takes.
 */
const YOUNG_MIB = 8

/** Starts threads: at their own program inside the bundle, or from sources at `entry`, the file that calls `runThreadRole`. */
export function threadSpawner(entry: URL): SpawnThread {
  return (role, data) => {
    const program = typeof NUNCHI_THREADS === 'undefined' ? undefined : NUNCHI_THREADS[role]
    return new Worker(program ? textOf(program) : entry, {
      eval: program !== undefined,
      workerData: { ...data, role, ...(program && { packs: packsOf(program) }) },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    })
  }
}

/** The text of a thread's program. Given as text it is kept once; as an address that holds it, several times. */
function textOf({ gzipped }: ThreadProgram): string {
  return gunzipSync(Buffer.from(gzipped, 'base64')).toString('latin1')
}

function packsOf({ packs }: ThreadProgram): Readonly<Record<string, string>> {
  const carried = carriedPacks()
  return Object.fromEntries(packs.map((name) => [name, carried[name] as string]))
}
