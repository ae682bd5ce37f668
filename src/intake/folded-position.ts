import type { Db } from '../store/database.ts'

/** The consumer of `log_position` that folds. */
export const FOLD_CONSUMER = 'fold'

/** The position up to which the log is folded, large deliveries excepted; 0 = nothing yet. */
export async function readFoldedPosition(db: Db, logId: string): Promise<number> {
  const row = await db
    .selectFrom('log_position')
    .select('seq')
    .where('log_id', '=', logId)
    .where('consumer', '=', FOLD_CONSUMER)
    .executeTakeFirst()
  return Number(row?.seq ?? 0)
}

/** Large deliveries that are still being folded in slices, oldest first. */
export async function readDeferredSeqs(db: Db, logId: string): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('deferred_delivery')
    .select('seq')
    .where('log_id', '=', logId)
    .orderBy('seq')
    .execute()
  return rows.map(({ seq }) => Number(seq))
}

/** The oldest position that folding still needs: nothing at or behind it may be trimmed. */
export async function firstNeededSeq(db: Db, logId: string): Promise<number> {
  // The position is read first: a delivery that is put aside meanwhile lies behind it.
  const position = await readFoldedPosition(db, logId)
  const deferred = await readDeferredSeqs(db, logId)
  return Math.min(position + 1, ...deferred.slice(0, 1))
}

/** Whether all of a delivery is folded. */
export async function isFolded(db: Db, logId: string, seq: number): Promise<boolean> {
  if ((await readFoldedPosition(db, logId)) < seq) return false
  const waiting = await db
    .selectFrom('deferred_delivery')
    .select('seq')
    .where('log_id', '=', logId)
    .where('seq', '=', seq)
    .executeTakeFirst()
  return waiting === undefined
}
