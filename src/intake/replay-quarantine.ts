import { recordAuditTx } from '../auth/audit-log.ts'
import type { Actor } from '../domain/actor.ts'
import type { EventFate } from '../domain/observed-event.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db, Tx } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import { racingWrite } from '../store/racing-write.ts'
import type { QuarantineTable } from '../store/tables/intake-tables.ts'
import { inTransaction, isStorageFault } from '../store/transaction.ts'
import type { DeliveryLog, StoredDelivery } from './delivery-log/delivery-log.ts'
import type { FoldEvents } from './fold-parts.ts'
import { quarantineTx } from './quarantine-rows.ts'
import { openDelivery } from './read-delivery.ts'
import { alertsOfProblem, type DeliverySlice, readSlice, sliceSize } from './read-slice.ts'
import { LedgerTally } from './source-ledger.ts'
import type { SourceRegistry } from './source-registry.ts'
import type { ReadableDelivery } from './sources/source-adapter.ts'

export interface ReplayDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'get' | 'partitionOf'>
  readonly sources: SourceRegistry
  readonly fold: FoldEvents
  readonly newId: NewId
  readonly now: () => number
}

export type ReplayOutcome =
  /** Folded now; `quarantined` of its alerts cannot be read even today and are in quarantine anew. */
  | { readonly kind: 'replayed'; readonly events: number; readonly quarantined: number }
  /** Too large for one transaction: the consumer folds it in slices. */
  | { readonly kind: 'deferred' }
  | { readonly kind: 'already-replayed' }
  | { readonly kind: 'refused'; readonly refusal: ReplayRefusal; readonly detail: string }

/** `body-gone`: retention has removed it. `body-cut`: it was never kept whole. `still-unreadable`: today's adapter cannot read it either. */
export type ReplayRefusal = 'body-gone' | 'body-cut' | 'still-unreadable'

/**
 * Reads something in quarantine again, from the body in the delivery log and with today's adapter, and folds it as if it had
 * been read when it was received. Doing it twice does it once. Null when there is no such row. Needs the scope `respond`.
 */
export async function replayQuarantined(deps: ReplayDeps, actor: Actor, id: string): Promise<ReplayOutcome | null> {
  requireScope(actor, 'respond')
  const row = await deps.db
    .selectFrom('quarantine')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? await replayRow(deps, actor, row, createOpener(deps)) : null
}

export interface ReplayManyRequest {
  /** Only what this source sent; null = everything. */
  readonly source: string | null
  readonly limit: number
  /** Only rows behind this one; null = from the oldest. */
  readonly after: string | null
}

export interface ReplayedRow {
  readonly id: string
  readonly outcome: ReplayOutcome
}

/** Replays what is open, oldest first. What is refused stays open: the next call goes on behind the last row. Needs the scope `respond`. */
export async function replayOpenQuarantine(
  deps: ReplayDeps,
  actor: Actor,
  { source, limit, after }: ReplayManyRequest,
): Promise<readonly ReplayedRow[]> {
  requireScope(actor, 'respond')
  let query = deps.db
    .selectFrom('quarantine')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .where('replayed_at', 'is', null)
  if (source !== null) query = query.where('source', '=', source)
  if (after !== null) query = query.where('id', '>', after)
  const rows = await query.orderBy('id').limit(limit).execute()
  const opener = createOpener(deps)
  const replayed: ReplayedRow[] = []
  for (const row of rows) replayed.push({ id: row.id, outcome: await replayRow(deps, actor, row, opener) })
  return replayed
}

type Opened = { readonly ok: true; readonly delivery: StoredDelivery; readonly opened: ReadableDelivery } | Refused
type Refused = { readonly ok: false; readonly refusal: ReplayRefusal; readonly detail: string }
type Opener = (row: QuarantineTable) => Promise<Opened>

/** Many alerts of one delivery are often in quarantine together: the delivery opened last is kept. */
function createOpener(deps: ReplayDeps): Opener {
  let last: { readonly seq: number; readonly opened: Opened } | null = null
  return async (row) => {
    const seq = Number(row.delivery_seq)
    if (last?.seq !== seq) last = { seq, opened: await openRow(deps, row) }
    return last.opened
  }
}

async function openRow({ log, sources }: ReplayDeps, row: QuarantineTable): Promise<Opened> {
  const delivery = await log.get(Number(row.delivery_seq))
  // A log that was made anew counts anew: the delivery at this position may be another one.
  const isSame = delivery !== null && delivery.source === row.source && delivery.receivedAt === Number(row.received_at)
  if (!isSame) {
    return refused(
      'body-gone',
      'Its body is no longer in the delivery log (see retention in the configuration). What is shown as raw is all that is left.',
    )
  }
  if (delivery.bytesCut > 0)
    return refused('body-cut', 'Only the beginning of this body was kept, because it was too large.')
  const opened = openDelivery(delivery, sources)
  return opened.ok ? { ok: true, delivery, opened } : refused('still-unreadable', opened.reason)
}

function refused(refusal: ReplayRefusal, detail: string): Refused {
  return { ok: false, refusal, detail }
}

async function replayRow(deps: ReplayDeps, actor: Actor, row: QuarantineTable, opener: Opener): Promise<ReplayOutcome> {
  if (row.replayed_at !== null) return { kind: 'already-replayed' }
  const found = await opener(row)
  if (!found.ok) return { kind: 'refused', refusal: found.refusal, detail: found.detail }
  const { delivery, opened } = found
  const { from, to } = alertsOfProblem({ path: row.path, index: row.delivery_index }, opened.alertCount)
  if (to - from > sliceSize(delivery, opened)) return await deferRow(deps, actor, row)
  if (to <= from) return unreadable('The delivery has no such alert any more.')
  const slice = readSlice(delivery, opened, from, to)
  const [problem] = slice.quarantined
  if (slice.events.length === 0 && problem) return unreadable(problem.problem.reason)
  return await foldRow(deps, actor, row, slice)
}

function unreadable(detail: string): ReplayOutcome {
  return { kind: 'refused', refusal: 'still-unreadable', detail }
}

async function foldRow(
  deps: ReplayDeps,
  actor: Actor,
  row: QuarantineTable,
  slice: DeliverySlice,
): Promise<ReplayOutcome> {
  try {
    return await inTransaction(deps.db, async (tx) => {
      if (!(await markReplayedTx(deps, tx, actor, row))) return { kind: 'already-replayed' }
      const fates = await deps.fold(tx, slice.events)
      await quarantineTx(tx, slice.quarantined, { newId: deps.newId, now: deps.now() })
      await moveCountsTx(tx, row, { fates, quarantined: slice.quarantined.length })
      return { kind: 'replayed', events: slice.events.length, quarantined: slice.quarantined.length }
    })
  } catch (error) {
    if (isStorageFault(error)) throw error
    return unreadable(`It could not be folded: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

/** The consumer counts what it folds; here the one problem that stood for the delivery is taken back. */
async function deferRow(deps: ReplayDeps, actor: Actor, row: QuarantineTable): Promise<ReplayOutcome> {
  return await inTransaction(deps.db, async (tx) => {
    if (!(await markReplayedTx(deps, tx, actor, row))) return { kind: 'already-replayed' }
    const seq = Number(row.delivery_seq)
    const place = { log_id: deps.log.partitionOf(seq), seq }
    const waiting = await tx
      .selectFrom('deferred_delivery')
      .select('seq')
      .where('log_id', '=', place.log_id)
      .where('seq', '=', place.seq)
      .executeTakeFirst()
    const deferred = { ...place, next_index: 0 }
    if (!waiting) await racingWrite(tx, () => tx.insertInto('deferred_delivery').values(deferred).execute())
    await moveCountsTx(tx, row, { fates: [], quarantined: 0 })
    return { kind: 'deferred' }
  })
}

/** False when somebody else was first. */
async function markReplayedTx(
  { newId, now }: ReplayDeps,
  tx: Tx,
  actor: Actor,
  row: QuarantineTable,
): Promise<boolean> {
  const at = now()
  const { numUpdatedRows } = await tx
    .updateTable('quarantine')
    .set({ replayed_at: at })
    .where('tenant_id', '=', row.tenant_id)
    .where('id', '=', row.id)
    .where('replayed_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const data = { source: row.source, deliverySeq: Number(row.delivery_seq) }
  await recordAuditTx(tx, actor, { action: 'quarantine.replay', subject: row.id, data }, { id: newId(at), at })
  return true
}

/** One quarantined problem becomes what was read of it; read = linked + suppressed + quarantined stays true. */
async function moveCountsTx(
  tx: Tx,
  row: QuarantineTable,
  counts: { readonly fates: readonly EventFate[]; readonly quarantined: number },
): Promise<void> {
  const tally = new LedgerTally()
  const ledger = tally.row(row.tenant_id, row.source)
  ledger.events_linked = counts.fates.filter((fate) => fate === 'linked').length
  ledger.events_suppressed = counts.fates.length - ledger.events_linked
  ledger.events_quarantined = counts.quarantined - 1
  ledger.events_read = counts.fates.length + counts.quarantined - 1
  await tally.writeTx(tx)
}
