import { recordAuditTx } from '../auth/audit-log.ts'
import type { Actor } from '../domain/actor.ts'
import { type Incident, incidentName, type Party } from '../domain/incident.ts'
import { type ActionRequest, decideAction, type IncidentAction, type Refusal } from '../domain/incident-actions.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db, Tx } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import type { NewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { violatesUnique } from '../store/unique-violation.ts'
import type { OrdersFor } from './follow-up-orders.ts'
import { findReplyTx, keepReplyTx, type ReplyKey, replyKeyOf } from './idempotent-replies.ts'
import { type IncidentView, viewOfIncident } from './incident-view.ts'
import { type LastChange, lastChangeOf } from './last-change.ts'
import { lockIncidentTx } from './load-incident.ts'
import { saveChangeTx } from './save-change.ts'
import { slackStatesOf } from './slack-state.ts'

export interface ActionDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
  readonly ordersFor: OrdersFor
}

/** What a person wants done to an incident. */
export interface ActionCommand extends Pick<ActionRequest, 'until' | 'severity' | 'channelId'> {
  /** An id or a name (`INC-1042`). */
  readonly incidentId: string
  readonly action: IncidentAction
  /** Why, or the text of a note; may be empty. */
  readonly reason: string
  /** The version the person saw; null = whatever it is now. */
  readonly expectedVersion: number | null
  /** For `assign`: the new owner, null to clear. */
  readonly assignee: Party | null
  /** The same key with the same command gives the same answer, once done. */
  readonly idempotencyKey: string | null
}

export type ActionAnswer =
  | { readonly ok: true; readonly incident: IncidentView }
  /** Refused: the incident as it is now, who moved it last, and for `another-is-open` the one that is. */
  | {
      readonly ok: false
      readonly refusal: Refusal
      readonly incident: IncidentView
      readonly lastChange: LastChange | null
      readonly other: { readonly id: string; readonly name: string } | null
    }
  | { readonly ok: false; readonly refusal: 'not-found' | 'idempotency-key-reused' }

/** Without a version to compare, a command that lost a race is decided again this often. */
const MOST_TRIES = 5

/**
 * Does what a person asked of an incident, in one transaction with timeline, audit, jobs and live feed. Of two
 * at once one wins; the other is refused and told who did it. Needs the scope `respond`; throws what the database throws.
 */
export async function applyAction(deps: ActionDeps, actor: Actor, command: ActionCommand): Promise<ActionAnswer> {
  requireScope(actor, 'respond')
  const { idempotencyKey, ...request } = command
  const replyKey = replyKeyOf(idempotencyKey, request)
  let isKeyTaken = false
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(deps.db, (tx) => answerTx(tx, deps, actor, { command, replyKey, isKeyTaken }))
    } catch (error) {
      isKeyTaken = violatesUnique(error, 'incident', 'open_key')
      const isLostRace = error instanceof VersionLost || violatesUnique(error, 'idempotent_reply', 'idempotency_key')
      if ((!isKeyTaken && !isLostRace) || attempt === MOST_TRIES) throw error
    }
  }
}

interface Request {
  readonly command: ActionCommand
  readonly replyKey: ReplyKey | null
  /** The last try was to reopen the incident, and the unique index refused it: another one is open for its key. */
  readonly isKeyTaken: boolean
}

/** Rolls the transaction back: somebody moved the incident between load and save. */
class VersionLost extends Error {}

async function answerTx(tx: Tx, deps: ActionDeps, actor: Actor, request: Request): Promise<ActionAnswer> {
  const { command, replyKey, isKeyTaken } = request
  const at = deps.now()
  const known = replyKey === null ? null : await findReplyTx(tx, actor, replyKey, at)
  if (known?.kind === 'other-request') return { ok: false, refusal: 'idempotency-key-reused' }
  if (known?.kind === 'answered') return JSON.parse(known.body) as ActionAnswer
  const incident = await lockIncidentTx(tx, actor.tenantId, command.incidentId)
  if (incident === null) return { ok: false, refusal: 'not-found' }
  const answer = isKeyTaken
    ? await refusal(tx, actor, incident, 'another-is-open')
    : await decideAndSave(tx, deps, actor, { command, incident, at })
  if (replyKey !== null) await keepReplyTx(tx, actor, replyKey, { isOk: answer.ok, body: JSON.stringify(answer), at })
  return answer
}

async function decideAndSave(
  tx: Tx,
  deps: ActionDeps,
  actor: Actor,
  { command, incident, at }: { readonly command: ActionCommand; readonly incident: Incident; readonly at: number },
): Promise<ActionAnswer> {
  const { action, reason, assignee } = command
  const decision = decideAction(incident, { ...command, actor, reason: reason || 'No reason was given.' }, at)
  if (!decision.ok) return await refusal(tx, actor, incident, decision.refusal)
  if (!(await saveChangeTx(tx, decision.change, actor, deps))) throw new VersionLost()
  const after = decision.change.incident
  const facts = decision.change.timeline[0]?.data
  await recordAuditTx(
    tx,
    actor,
    {
      action: `incident.${action}`,
      subject: after.id,
      data: {
        ...facts,
        name: incidentName(after),
        reason,
        fromVersion: incident.version,
        assignee: assignee?.id ?? null,
      },
    },
    { id: deps.newId(at), at },
  )
  return { ok: true, incident: await viewTx(tx, actor, after) }
}

async function refusal(tx: Tx, actor: Actor, incident: Incident, why: Refusal): Promise<ActionAnswer> {
  const other = why === 'another-is-open' ? await openIncidentOfKey(tx, incident) : null
  return {
    ok: false,
    refusal: why,
    incident: await viewTx(tx, actor, incident),
    lastChange: await lastChangeOf(tx, incident.tenantId, incident.id),
    other,
  }
}

async function openIncidentOfKey(
  tx: Tx,
  { tenantId, correlationKey }: Incident,
): Promise<{ id: string; name: string } | null> {
  const row = await tx
    .selectFrom('incident')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('open_key', '=', correlationKey)
    .executeTakeFirst()
  return row ? { id: row.id, name: incidentName(incidentFromRow(row)) } : null
}

async function viewTx(tx: Tx, actor: Actor, incident: Incident): Promise<IncidentView> {
  const slackOf = await slackStatesOf(tx, incident.tenantId, [incident])
  return viewOfIncident(incident, actor, slackOf(incident.id))
}
