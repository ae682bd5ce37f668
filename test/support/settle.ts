import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { waitUntil } from './wait-until.ts'

/** What still has to happen in a data folder: deliveries to fold, jobs to run. Reads the files, not the product. */
export function pendingWork(dataDir: string): { readonly toFold: number; readonly jobs: number } {
  const [main, log] = ['nunchi.db', 'deliveries.db'].map((name) => join(dataDir, name))
  if (!existsSync(main as string) || !existsSync(log as string)) return { toFold: 0, jobs: 0 }
  const db = new DatabaseSync(main as string, { readOnly: true })
  const deliveries = new DatabaseSync(log as string, { readOnly: true })
  try {
    const number = (from: DatabaseSync, sql: string): number => Number((from.prepare(sql).get() as { n: number }).n)
    const last = number(deliveries, 'select coalesce(max(seq), 0) as n from delivery')
    const folded = number(db, 'select coalesce(max(seq), 0) as n from log_position')
    const deferred = number(db, 'select count(*) as n from deferred_delivery')
    return { toFold: last - folded + deferred, jobs: number(db, "select count(*) as n from job where state <> 'dead'") }
  } finally {
    db.close()
    deliveries.close()
  }
}

/** Waits until everything that arrived is folded and every job has run. */
export async function waitUntilQuiet(dataDir: string, timeoutMs = 30_000): Promise<void> {
  const isQuiet = (): boolean => {
    const { toFold, jobs } = pendingWork(dataDir)
    return toFold === 0 && jobs === 0
  }
  await waitUntil(isQuiet, {
    timeoutMs,
    why: 'everything is folded and every job has run',
    describe: () => JSON.stringify(pendingWork(dataDir)),
  })
}
