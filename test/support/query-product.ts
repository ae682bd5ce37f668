import { join } from 'node:path'
import { askDatabase, type StoredRow } from './ask-database.ts'
import type { ProductPlace } from './product-place.ts'

/** Asks the main database of a product, beside the product that runs on it. The SQL must be portable. */
export async function queryMain(
  { dataDir, databaseUrl }: ProductPlace,
  sql: string,
  ...parameters: readonly (string | number)[]
): Promise<StoredRow[]> {
  return await askDatabase(databaseUrl ?? `sqlite:${join(dataDir, 'nunchi.db')}`, sql, parameters)
}
