import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db, Tx } from '../store/database.ts'
import { inTransaction } from '../store/transaction.ts'

export interface RetryDeadJobDeps {
  readonly db: Db
  readonly now: () => number
  /** Writes the audit entry in the transaction of the retry. */
  readonly recordAudit: (
    tx: Tx,
    actor: Actor,
    draft: { readonly action: string; readonly subject: string; readonly data: Readonly<Record<string, string>> },
  ) => Promise<void>
}

/** Sends a dead job back in line, as if it had never failed. `not-dead`: it waits or runs already. Needs the scope `admin`. */
export async function retryDeadJob(
  deps: RetryDeadJobDeps,
  actor: Actor,
  id: string,
): Promise<'retried' | 'not-found' | 'not-dead'> {
  requireScope(actor, 'admin')
  return await inTransaction(deps.db, async (tx) => {
    const now = deps.now()
    const row = await tx
      .selectFrom('job')
      .select(['kind', 'state', 'last_error'])
      .where('tenant_id', '=', actor.tenantId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return 'not-found'
    const { numUpdatedRows } = await tx
      .updateTable('job')
      .set({ state: 'waiting', run_at: now, attempts: 0, first_failed_at: null, updated_at: now })
      .where('tenant_id', '=', actor.tenantId)
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return 'not-dead'
    await deps.recordAudit(tx, actor, {
      action: 'job.retry',
      subject: id,
      data: { kind: row.kind, lastError: (row.last_error ?? '').slice(0, 500) },
    })
    return 'retried'
  })
}
