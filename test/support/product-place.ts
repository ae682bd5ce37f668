import type { FreshStream } from './fresh-stream.ts'

/** Where a product under test keeps what it knows, for those who look past it at the stored state. */
export interface ProductPlace {
  readonly dataDir: string
  /** Its DATABASE_URL; absent = the SQLite files of the data folder. */
  readonly databaseUrl?: string | undefined
  /** Its delivery log, where that is a stream. */
  readonly stream?: FreshStream | undefined
}
