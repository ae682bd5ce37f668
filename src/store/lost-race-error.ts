/** Somebody else stored a row with the same key between our look and our write: the transaction is repeated and finds that row. */
export class LostRaceError extends Error {
  constructor(cause: unknown) {
    super('Another writer stored a row with the same key first', { cause })
    this.name = 'LostRaceError'
  }
}
