import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { askDatabase } from './ask-database.ts'
import type { ProductPlace } from './product-place.ts'
import { queryMain } from './query-product.ts'

/** What a delivery log holds, as its storage tells beside the product. */
export interface DeliveryLogState {
  /** The newest position by partition, of those that ever held one. */
  readonly lastSeqs: ReadonlyMap<string, number>
  readonly deliveries: number
  /** Each source with how many of its deliveries are kept. */
  readonly bySource: ReadonlyMap<string, number>
  readonly largestBytes: number
  /** Whether its beginning was forgotten: then it knows less than the ledger. */
  readonly isTrimmed: boolean
}

/** Reads the delivery log of a product; null when there is none. */
export async function deliveryLogState(place: ProductPlace): Promise<DeliveryLogState | null> {
  return (await tableLogState(place)) ?? (await embeddedLogState(place))
}

/** Of the log in the database of a server; null where nothing ever made one there. */
async function tableLogState(place: ProductPlace): Promise<DeliveryLogState | null> {
  if (place.databaseUrl === undefined) return null
  const [log] = await queryMain(place, 'select id from delivery_log')
  if (log === undefined) return null
  const counters = await queryMain(
    place,
    'select partition_index, last_count, trimmed_count from delivery_partition where last_count > 0',
  )
  const [all] = await queryMain(place, 'select count(*) as n, coalesce(max(body_length), 0) as largest from delivery')
  const bySource = await queryMain(place, 'select source, count(*) as n from delivery group by source')
  return {
    lastSeqs: new Map(
      counters.map(({ partition_index: index, last_count: count }) => [
        `${log['id']}/${index}`,
        Number(count) * 1024 + Number(index),
      ]),
    ),
    deliveries: Number(all?.['n']),
    bySource: new Map(bySource.map(({ source, n }) => [String(source), Number(n)])),
    largestBytes: Number(all?.['largest']),
    isTrimmed: counters.some(({ trimmed_count: trimmed }) => Number(trimmed) > 0),
  }
}

async function embeddedLogState({ dataDir }: ProductPlace): Promise<DeliveryLogState | null> {
  const path = join(dataDir, 'deliveries.db')
  if (!existsSync(path)) return null
  const ask = async (sql: string) => await askDatabase(`sqlite:${path}`, sql)
  const [identity] = await ask('select id from log_identity')
  const [all] = await ask(
    'select min(seq) as first, max(seq) as last, count(*) as n, coalesce(max(body_length), 0) as largest from delivery',
  )
  const bySource = await ask('select source, count(*) as n from delivery group by source')
  return {
    lastSeqs: new Map(all?.['last'] == null ? [] : [[String(identity?.['id']), Number(all['last'])]]),
    deliveries: Number(all?.['n']),
    bySource: new Map(bySource.map(({ source, n }) => [String(source), Number(n)])),
    largestBytes: Number(all?.['largest']),
    isTrimmed: all?.['first'] != null && all['first'] !== 1,
  }
}

/** How many requests are in the delivery log. */
export async function countDeliveries(place: ProductPlace): Promise<number> {
  return (await deliveryLogState(place))?.deliveries ?? 0
}
