import { createHash } from 'node:crypto'
import type { Actor } from '../domain/actor.ts'
import type { Tx } from '../store/database.ts'

/** How long an answer is kept for a repetition of its request. */
export const REPLY_KEPT_MS = 24 * 3_600_000

/** What is known of an idempotency key: nothing, the answer given before, or that it belongs to another request. */
export type KnownReply =
  | { readonly kind: 'new' }
  | { readonly kind: 'answered'; readonly body: string }
  | { readonly kind: 'other-request' }

export interface ReplyKey {
  readonly key: string
  /** Fingerprint of the request that the key stands for. */
  readonly requestHash: string
}

/** Names a request by its key and what it asks for; null when it carries no key. */
export function replyKeyOf(key: string | null, request: unknown): ReplyKey | null {
  if (key === null) return null
  return { key, requestHash: createHash('sha256').update(JSON.stringify(request)).digest('hex') }
}

/** Looks an idempotency key up. Keys belong to their actor: another one may use the same. */
export async function findReplyTx(
  tx: Tx,
  actor: Actor,
  { key, requestHash }: ReplyKey,
  now: number,
): Promise<KnownReply> {
  const row = await tx
    .selectFrom('idempotent_reply')
    .select(['request_hash', 'body', 'created_at'])
    .where('tenant_id', '=', actor.tenantId)
    .where('actor_id', '=', actor.id)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  if (!row) return { kind: 'new' }
  if (now - Number(row.created_at) > REPLY_KEPT_MS) {
    await tx
      .deleteFrom('idempotent_reply')
      .where('tenant_id', '=', actor.tenantId)
      .where('actor_id', '=', actor.id)
      .where('idempotency_key', '=', key)
      .execute()
    return { kind: 'new' }
  }
  return row.request_hash === requestHash ? { kind: 'answered', body: row.body } : { kind: 'other-request' }
}

/** Keeps an answer in the transaction that made it true. */
export async function keepReplyTx(
  tx: Tx,
  actor: Actor,
  { key, requestHash }: ReplyKey,
  answer: { readonly isOk: boolean; readonly body: string; readonly at: number },
): Promise<void> {
  await tx
    .insertInto('idempotent_reply')
    .values({
      tenant_id: actor.tenantId,
      actor_id: actor.id,
      idempotency_key: key,
      request_hash: requestHash,
      status: answer.isOk ? 200 : 409,
      body: answer.body,
      created_at: answer.at,
    })
    .execute()
}
