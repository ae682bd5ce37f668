import type { SelectQueryBuilder } from 'kysely'

/**
 * Locks the rows that a query finds until the transaction ends, where several can write at a time; engines with one writer
 * compile it to nothing. For transactions that write what they decided from what they read.
 */
export function lockRows<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return query.forUpdate()
}

/** Like `lockRows`, but passes over rows that somebody else holds: for queues, where any row will do. */
export function lockFreeRows<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return query.forUpdate().skipLocked()
}
