import type { Actor } from '../domain/actor.ts'
import type { Tx } from '../store/database.ts'
import { fitName } from '../store/fit-name.ts'

/** Something a person or a key did, for the trail that is only ever appended to. */
export interface AuditDraft {
  /** Subject and verb: `incident.acknowledge`, `api-key.revoke`. */
  readonly action: string
  /** What it was done to, e.g. the id of the incident. */
  readonly subject: string
  readonly data: Readonly<Record<string, string | number | boolean | null>>
}

/** Writes an audit entry in the transaction of what it records: both are kept, or neither. */
export async function recordAuditTx(
  tx: Tx,
  actor: Actor,
  draft: AuditDraft,
  { id, at }: { readonly id: string; readonly at: number },
): Promise<void> {
  await tx
    .insertInto('audit_entry')
    .values({
      tenant_id: actor.tenantId,
      id,
      at,
      actor_id: fitName(actor.id),
      actor_name: fitName(actor.name),
      actor_via: actor.via,
      action: draft.action,
      subject: fitName(draft.subject),
      data: JSON.stringify(draft.data),
    })
    .execute()
}
