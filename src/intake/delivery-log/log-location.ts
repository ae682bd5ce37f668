/** Where the delivery log is. Plain data, because it crosses a thread boundary. */
export interface LogLocation {
  readonly kind: 'embedded'
  /** The SQLite file. */
  readonly path: string
}
