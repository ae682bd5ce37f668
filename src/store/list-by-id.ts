import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Db } from './database.ts'
import { type ScanRequest, scanPage } from './scan-page.ts'
import type { Schema } from './schema.ts'

/** A list in the order of ids, which is that in which rows were made. */
export interface IdListRequest<T extends keyof Schema & string>
  extends Pick<ScanRequest<T>, 'table' | 'tenantId' | 'direction' | 'limit'> {
  /** What its cursors are marked with, so that those of other lists are refused. */
  readonly list: string
  /** Where the page before ended; null = from the beginning. */
  readonly cursor: string | null
  /** Equalities that an index serves. */
  readonly where?: ScanRequest<T>['filters']
  /** What is tested row by row. */
  readonly filters?: ScanRequest<T>['filters']
}

/** Reads one page of such a list, as `scanPage` does. Throws `InvalidCursorError` for a cursor of another list. */
export async function listById<T extends keyof Schema & string>(
  db: Db,
  { list, cursor, where = [], filters = [], ...request }: IdListRequest<T>,
): Promise<{ readonly rows: readonly Schema[T][]; readonly nextCursor: string | null }> {
  const after = cursor === null ? null : decodeCursor(list, ['string'], cursor)
  const { rows, next } = await scanPage<T>(db, {
    ...request,
    orderBy: ['id' as keyof Schema[T] & string],
    stretches: [{ where, after }],
    filters,
  })
  return { rows, nextCursor: next === null ? null : encodeCursor(list, next.position) }
}
