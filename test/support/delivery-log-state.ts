import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { askDatabase, type StoredRow } from './ask-database.ts'
import type { ProductPlace } from './product-place.ts'
import { streamLogState } from './stream-log-state.ts'

/** What a delivery log holds, looked at beside the product. */
export interface DeliveryLogState {
  /** The newest position by partition, of those that hold something. */
  readonly lastSeqs: ReadonlyMap<string, number>
  readonly deliveries: number
  /** Each source with how many of its deliveries are kept. */
  readonly bySource: ReadonlyMap<string, number>
  readonly largestBytes: number
  /** Whether its beginning was forgotten: then it knows less than the ledger. */
  readonly isTrimmed: boolean
}

/** Reads the delivery log of a product, wherever it keeps it; null when there is none yet. */
export async function deliveryLogState(place: ProductPlace): Promise<DeliveryLogState | null> {
  const file = join(place.dataDir, 'deliveries.db')
  if (existsSync(file)) return await fileState(`sqlite:${file}`)
  if (place.stream !== undefined) return await streamLogState(place.stream)
  return place.databaseUrl === undefined ? null : await tableState(place.databaseUrl)
}

/** How many requests are in the delivery log. */
export async function countDeliveries(place: ProductPlace): Promise<number> {
  return (await deliveryLogState(place))?.deliveries ?? 0
}

async function fileState(url: string): Promise<DeliveryLogState> {
  const [identity] = await askDatabase(url, 'select id from log_identity')
  const [oldest] = await askDatabase(url, 'select min(seq) as seq from delivery')
  const partitions = await askDatabase(url, `select 0 as partition_index, ${TOTALS} from delivery having count(*) > 0`)
  return {
    ...(await totalsOf(url, partitions)),
    lastSeqs: new Map(partitions.map(({ last }) => [String(identity?.['id']), Number(last)])),
    isTrimmed: Number(oldest?.['seq'] ?? 1) !== 1,
  }
}

async function tableState(url: string): Promise<DeliveryLogState | null> {
  const [identity] = await askDatabase(url, 'select id from delivery_log')
  if (identity === undefined) return null
  const partitions = await askDatabase(url, `select partition_index, ${TOTALS} from delivery group by partition_index`)
  const [trimmed] = await askDatabase(url, 'select sum(trimmed_count) as n from delivery_partition')
  return {
    ...(await totalsOf(url, partitions)),
    lastSeqs: new Map(partitions.map((row) => [`${identity['id']}/${row['partition_index']}`, Number(row['last'])])),
    isTrimmed: Number(trimmed?.['n']) > 0,
  }
}

const TOTALS = 'max(seq) as last, count(*) as n, max(body_length) as largest'

async function totalsOf(
  url: string,
  partitions: readonly StoredRow[],
): Promise<Pick<DeliveryLogState, 'deliveries' | 'bySource' | 'largestBytes'>> {
  const bySource = await askDatabase(url, 'select source, count(*) as n from delivery group by source')
  return {
    deliveries: partitions.reduce((sum, { n }) => sum + Number(n), 0),
    bySource: new Map(bySource.map(({ source, n }) => [String(source), Number(n)])),
    largestBytes: Math.max(0, ...partitions.map(({ largest }) => Number(largest))),
  }
}
