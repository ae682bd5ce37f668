import { join } from 'node:path'
import { openEmbeddedReader } from '../../src/intake/delivery-log/embedded/embedded-log.ts'
import type { ProductPlace } from './product-place.ts'

/** How many alerts are in all the Alertmanager bodies of a delivery log, by their own JSON. */
export async function countLoggedAlerts({ dataDir }: ProductPlace): Promise<number> {
  const reader = openEmbeddedReader(join(dataDir, 'deliveries.db'))
  let count = 0
  for (let after = 0; ; ) {
    const deliveries = await reader.read(after, { count: 500, bytes: 16 * 1024 * 1024 })
    const last = deliveries.at(-1)
    if (last === undefined) break
    for (const { body } of deliveries) count += (JSON.parse(Buffer.from(body).toString()) as Body).alerts.length
    after = last.seq
  }
  await reader.close()
  return count
}

interface Body {
  readonly alerts: readonly unknown[]
}
