import { join } from 'node:path'
import { openEmbeddedReaders } from '../../src/intake/delivery-log/embedded/embedded-readers.ts'
import type { ProductPlace } from './product-place.ts'

/** How many alerts are in all the Alertmanager bodies of a delivery log, by their own JSON. */
export async function countLoggedAlerts({ dataDir }: ProductPlace): Promise<number> {
  const readers = openEmbeddedReaders(join(dataDir, 'deliveries.db'))
  const reader = readers.open(readers.partitions[0] as string)
  let count = 0
  for (let after = 0; ; ) {
    const deliveries = await reader.read(after, { count: 500, bytes: 16 * 1024 * 1024 })
    const last = deliveries.at(-1)
    if (last === undefined) break
    for (const { body } of deliveries) count += (JSON.parse(Buffer.from(body).toString()) as Body).alerts.length
    after = last.seq
  }
  await reader.close()
  await readers.close()
  return count
}

interface Body {
  readonly alerts: readonly unknown[]
}
