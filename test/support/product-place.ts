/** Where a product under test keeps what it knows, for those who look past it at the stored state. */
export interface ProductPlace {
  readonly dataDir: string
  /** Its DATABASE_URL; absent = the SQLite files of the data folder. */
  readonly databaseUrl?: string | undefined
  /** Its NATS_URL, where its delivery log is a stream. */
  readonly natsUrl?: string | undefined
}
