import { hash } from 'node:crypto'
import { recordAuditTx } from '../auth/audit-log.ts'
import type { Actor } from '../domain/actor.ts'
import { declareIncident, type IncidentDeclaration } from '../domain/declared-incident.ts'
import { type IncidentChange, incidentName } from '../domain/incident.ts'
import { requireScope } from '../domain/require-scope.ts'
import { insertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import { INCIDENT_COLUMNS, incidentToRow } from '../store/incident-row.ts'
import { takeNumbers } from '../store/sequence.ts'
import { inTransaction } from '../store/transaction.ts'
import { violatesUnique } from '../store/unique-violation.ts'
import type { ActionDeps } from './apply-action.ts'
import { findReplyTx, keepReplyTx, replyKeyOf } from './idempotent-replies.ts'
import { type IncidentView, viewOfIncident } from './incident-view.ts'
import { recordChangeTx } from './save-change.ts'
import { indexNamesOfNewTx, indexTextsTx } from './search-index-repository.ts'

export interface DeclareDeps extends ActionDeps {
  /** The environment of the installation. */
  readonly environment: string
}

export interface DeclareCommand extends IncidentDeclaration {
  /** The same key with the same declaration gives the same answer, once done. */
  readonly idempotencyKey: string | null
}

export type DeclareAnswer =
  | { readonly ok: true; readonly incident: IncidentView }
  | { readonly ok: false; readonly refusal: 'idempotency-key-reused' }

const COLUMNS = [...INCIDENT_COLUMNS, 'words'] as const

/** Two that come with one key at the same moment: the second finds the answer of the first. */
const MOST_TRIES = 3

/** Opens an incident that no alert told, with timeline, audit, jobs and live feed. Needs the scope `respond`; throws what the database throws. */
export async function declareByHand(deps: DeclareDeps, actor: Actor, command: DeclareCommand): Promise<DeclareAnswer> {
  requireScope(actor, 'respond')
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(deps.db, async (tx) => await answerTx(tx, deps, actor, command))
    } catch (error) {
      if (!violatesUnique(error, 'idempotent_reply', 'idempotency_key') || attempt === MOST_TRIES) throw error
    }
  }
}

async function answerTx(tx: Tx, deps: DeclareDeps, actor: Actor, command: DeclareCommand): Promise<DeclareAnswer> {
  const { idempotencyKey, ...declaration } = command
  const at = deps.now()
  const replyKey = replyKeyOf(idempotencyKey, { action: 'declare', ...declaration })
  const known = replyKey === null ? null : await findReplyTx(tx, actor, replyKey, at)
  if (known?.kind === 'other-request') return { ok: false, refusal: 'idempotency-key-reused' }
  if (known?.kind === 'answered') return JSON.parse(known.body) as DeclareAnswer
  const id = deps.newId(at)
  const change = declareIncident(declaration, {
    tenantId: actor.tenantId,
    id,
    number: await takeNumbers(tx, actor.tenantId, 'incident', 1),
    correlationKey: hash('sha256', JSON.stringify(['declared', id])),
    environment: deps.environment,
    by: { id: actor.id, name: actor.name },
    now: at,
  })
  const opened = [change.incident]
  const words = (await indexNamesOfNewTx(tx, opened, await indexTextsTx(tx, opened))).get(id) ?? null
  await insertMany(tx, 'incident', COLUMNS, [{ ...incidentToRow(change.incident), words }])
  await recordChangeTx(tx, change, actor, deps)
  await recordAuditTx(tx, actor, auditOf(change, declaration), { id: deps.newId(at), at })
  const answer: DeclareAnswer = {
    ok: true,
    incident: viewOfIncident(change.incident, actor, { state: 'none', url: null }),
  }
  if (replyKey !== null) await keepReplyTx(tx, actor, replyKey, { isOk: true, body: JSON.stringify(answer), at })
  return answer
}

function auditOf({ incident }: IncidentChange, { note }: IncidentDeclaration) {
  const { id, severity, title, service } = incident
  return {
    action: 'incident.declare',
    subject: id,
    data: { name: incidentName(incident), title, severity, service, note },
  }
}
