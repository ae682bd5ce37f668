import type { Actor, Scope } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import type { NewId } from '../store/new-id.ts'
import type { ApiKeyTable } from '../store/tables/auth-tables.ts'
import { inTransaction } from '../store/transaction.ts'
import { recordAuditTx } from './audit-log.ts'
import { createKeySecret } from './key-secret.ts'

export interface ApiKeyDeps {
  readonly db: Db
  readonly newId: NewId
  readonly now: () => number
}

/** A key as people see it: never its secret. Times are milliseconds since 1970. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: number
  readonly createdBy: string
  /** Exact to the minute. */
  readonly lastUsedAt: number | null
  readonly revokedAt: number | null
}

/** Makes a key. The text is in this answer only: afterwards nobody can read it again. Needs the scope `admin`. */
export async function createApiKey(
  deps: ApiKeyDeps,
  actor: Actor,
  { name, scopes }: { readonly name: string; readonly scopes: readonly Scope[] },
): Promise<{ readonly apiKey: ApiKey; readonly text: string }> {
  requireScope(actor, 'admin')
  const at = deps.now()
  const id = deps.newId(at)
  const { text, secretHash } = createKeySecret(id)
  const unique = [...new Set(scopes)]
  await inTransaction(deps.db, async (tx) => {
    await tx
      .insertInto('api_key')
      .values({
        tenant_id: actor.tenantId,
        id,
        name,
        secret_hash: secretHash,
        scopes: unique.join(' '),
        created_at: at,
        created_by: actor.name,
        last_used_at: null,
        revoked_at: null,
      })
      .execute()
    await recordAuditTx(
      tx,
      actor,
      { action: 'api-key.create', subject: id, data: { name, scopes: unique.join(' ') } },
      { id: deps.newId(at), at },
    )
  })
  return {
    text,
    apiKey: { id, name, scopes: unique, createdAt: at, createdBy: actor.name, lastUsedAt: null, revokedAt: null },
  }
}

/** Every key of the tenant, newest first, revoked ones included. Needs the scope `admin`. */
export async function listApiKeys(db: Db, actor: Actor): Promise<readonly ApiKey[]> {
  requireScope(actor, 'admin')
  const rows = await db
    .selectFrom('api_key')
    .selectAll()
    .where('tenant_id', '=', actor.tenantId)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(apiKeyFromRow)
}

/** Makes a key worthless at once. False when there is no such key, or it is revoked already. Needs the scope `admin`. */
export async function revokeApiKey(deps: ApiKeyDeps, actor: Actor, id: string): Promise<boolean> {
  requireScope(actor, 'admin')
  return await inTransaction(deps.db, async (tx) => {
    const at = deps.now()
    const { numUpdatedRows } = await tx
      .updateTable('api_key')
      .set({ revoked_at: at })
      .where('tenant_id', '=', actor.tenantId)
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await recordAuditTx(tx, actor, { action: 'api-key.revoke', subject: id, data: {} }, { id: deps.newId(at), at })
    return true
  })
}

function apiKeyFromRow(row: ApiKeyTable): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: scopesOf(row),
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
    revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
  }
}

/** The scopes of a stored key. */
export function scopesOf(row: Pick<ApiKeyTable, 'scopes'>): readonly Scope[] {
  return row.scopes.split(' ').filter((scope) => scope !== '') as Scope[]
}
