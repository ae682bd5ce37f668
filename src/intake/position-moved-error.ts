/** Another consumer folded this part of the log: nothing of the batch was kept, and this one reads its position anew. */
export class PositionMovedError extends Error {
  constructor() {
    super('Another consumer has folded this part of the delivery log')
  }
}
