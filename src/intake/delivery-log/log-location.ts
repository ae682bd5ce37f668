import type { StreamLocation } from './stream/stream-location.ts'

/** Where the delivery log is. Plain data, because it crosses a thread boundary; of NATS it holds the login in the clear. */
export type LogLocation =
  | {
      readonly kind: 'embedded'
      /** The SQLite file. */
      readonly path: string
    }
  | {
      /** In the main database. */
      readonly kind: 'database'
      /** The number it was made with: it cannot be changed. */
      readonly partitions: number
    }
  | StreamLocation
