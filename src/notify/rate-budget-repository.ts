import type { Db, Tx } from '../store/database.ts'
import { racingWrite } from '../store/racing-write.ts'
import { lockRows } from '../store/row-locks.ts'
import type { RateBudgetTable } from '../store/tables/notification-tables.ts'
import { inTransaction } from '../store/transaction.ts'

/** How fast a receiver may be spoken to in the long run, and how much at once. */
export interface Pace {
  readonly perSecond: number
  readonly burst: number
}

export interface BudgetRequest {
  readonly tenantId: string
  readonly id: string
  readonly pace: Pace
  /** Urgent callers may spend the part that is kept for them. */
  readonly isUrgent: boolean
  readonly now: number
}

/** This part of a budget is kept for what is urgent: a new critical incident must not wait for a backlog. */
const KEPT_SHARE = 0.2
/** Clocks of nodes differ by less; a row from further ahead was written before this clock was set back. */
const CLOCK_SLACK_MS = 60_000
/** No receiver is taken at its word for longer. */
const LONGEST_PAUSE_MS = 15 * 60_000

/**
 * Takes a token of a budget that all nodes share, or answers how many milliseconds to wait for one. Token bucket:
 * `pace.perSecond` flow in, `pace.burst` is what it holds.
 */
export async function takeToken(db: Db, request: BudgetRequest): Promise<number> {
  const { tenantId, id, pace, isUrgent, now } = request
  return await inTransaction(db, async (tx) => {
    const row = await budgetTx(tx, tenantId, id)
    const pausedMs = Number(row?.paused_until ?? 0) - now
    if (pausedMs > 0 && pausedMs <= LONGEST_PAUSE_MS) return pausedMs
    const { tokens, isFromTheFuture, writtenAt } = bucketNow(row, request)
    const needed = isUrgent ? 1 : Math.min(pace.burst, 1 + KEPT_SHARE * pace.burst)
    if (tokens < needed) {
      if (isFromTheFuture) await keepTokensTx(tx, request, tokens)
      return Math.max(1, Math.ceil(((needed - tokens) / pace.perSecond) * 1000))
    }
    const millitokens = Math.floor((tokens - 1) * 1000)
    const columns = { millitokens, updated_at: isFromTheFuture ? now : Math.max(now, writtenAt), paused_until: 0 }
    if (row)
      await tx.updateTable('rate_budget').set(columns).where('tenant_id', '=', tenantId).where('id', '=', id).execute()
    else await insertBudgetTx(tx, { tenant_id: tenantId, id, ...columns })
    return 0
  })
}

/** A budget, locked: two nodes that draw at once must not spend the same token. */
async function budgetTx(tx: Tx, tenantId: string, id: string): Promise<RateBudgetTable | undefined> {
  return await lockRows(
    tx.selectFrom('rate_budget').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id),
  ).executeTakeFirst()
}

/** The first use of a budget. Of two at once the second begins anew and draws from what the first has left. */
async function insertBudgetTx(tx: Tx, row: RateBudgetTable): Promise<void> {
  await racingWrite(tx, () => tx.insertInto('rate_budget').values(row).execute())
}

/** What a bucket holds now. A bucket that nobody has drawn from yet is full. */
function bucketNow(row: RateBudgetTable | undefined, { pace, now }: BudgetRequest) {
  if (row === undefined) return { tokens: pace.burst, isFromTheFuture: false, writtenAt: now }
  const writtenAt = Number(row.updated_at)
  const isFromTheFuture = writtenAt - now > CLOCK_SLACK_MS
  // A clock of another node may be a little ahead: time never flows back out of the bucket.
  const elapsedMs = isFromTheFuture ? 1_000 : Math.max(0, now - writtenAt)
  const tokens = Math.min(pace.burst, Number(row.millitokens) / 1000 + (elapsedMs / 1000) * pace.perSecond)
  return { tokens, isFromTheFuture, writtenAt }
}

/** From here on time flows again for a bucket whose row was written by a clock that was ahead. */
async function keepTokensTx(tx: Tx, { tenantId, id, now }: BudgetRequest, tokens: number): Promise<void> {
  await tx
    .updateTable('rate_budget')
    .set({ millitokens: Math.floor(tokens * 1000), updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute()
}

/** Nothing of this budget is spent before `until`, by any node. A longer pause that is already set stays. */
export async function pauseBudget(
  db: Db,
  {
    tenantId,
    id,
    until,
    now,
  }: { readonly tenantId: string; readonly id: string; readonly until: number; readonly now: number },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const row = await budgetTx(tx, tenantId, id)
    if (row === undefined)
      await insertBudgetTx(tx, { tenant_id: tenantId, id, millitokens: 0, updated_at: now, paused_until: until })
    else if (Number(row.paused_until) < until)
      await tx
        .updateTable('rate_budget')
        .set({ paused_until: until })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute()
  })
}
