import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { deliveryLogState } from './delivery-log-state.ts'
import type { ProductPlace } from './product-place.ts'
import { queryMain } from './query-product.ts'
import { waitUntil } from './wait-until.ts'

/** What still has to happen: partitions and large deliveries to fold, jobs to run. */
export interface PendingWork {
  readonly toFold: number
  readonly jobs: number
}

/** What still has to happen in a product, as the stored state tells; the product is not asked. */
export async function pendingWork(place: ProductPlace): Promise<PendingWork> {
  const log = await deliveryLogState(place)
  const isThere = place.databaseUrl !== undefined || existsSync(join(place.dataDir, 'nunchi.db'))
  if (log === null || !isThere) return { toFold: 0, jobs: 0 }
  const positions = await queryMain(place, 'select log_id, seq from log_position')
  const folded = new Map(positions.map(({ log_id, seq }) => [String(log_id), Number(seq)]))
  const behind = [...log.lastSeqs].filter(([partition, last]) => (folded.get(partition) ?? 0) < last)
  const [deferred] = await queryMain(place, 'select count(*) as n from deferred_delivery')
  const [jobs] = await queryMain(place, "select count(*) as n from job where state <> 'dead'")
  return { toFold: behind.length + Number(deferred?.['n']), jobs: Number(jobs?.['n']) }
}

/** Waits until everything that arrived is folded and every job has run. */
export async function waitUntilQuiet(place: ProductPlace, timeoutMs = 30_000): Promise<void> {
  let pending: PendingWork | undefined
  const isQuiet = async (): Promise<boolean> => {
    pending = await pendingWork(place)
    return pending.toFold === 0 && pending.jobs === 0
  }
  await waitUntil(isQuiet, {
    timeoutMs,
    why: 'everything is folded and every job has run',
    describe: () => JSON.stringify(pending),
  })
}
