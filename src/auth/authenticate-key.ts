import type { Actor, Scope } from '../domain/actor.ts'
import type { Db } from '../store/database.ts'
import { scopesOf } from './api-keys.ts'
import { hashOfToken, isSameHash, readPresentedKey } from './key-secret.ts'

/** A key from the configuration: any text, kept as its sha-256 (`hashOfToken`). */
export interface ConfiguredKey {
  readonly name: string
  readonly secretHash: Uint8Array
  readonly scopes: readonly Scope[]
}

export interface AuthenticateDeps {
  readonly db: Db
  readonly tenantId: string
  readonly configuredKeys: readonly ConfiguredKey[]
  readonly now: () => number
  /** Noting the use of a key failed; whoever presented it is let in all the same. */
  readonly onTouchFailed: (error: unknown) => void
}

/** How exact `last_used_at` is: one write a minute, however busy the key. */
const USE_PRECISION_MS = 60_000

/** Whose key this is, or null when it is nobody's: wrong, unknown or revoked are not told apart. */
export async function authenticateKey(deps: AuthenticateDeps, presented: string): Promise<Actor | null> {
  return (await storedKeyActor(deps, presented)) ?? configuredKeyActor(deps, presented)
}

async function storedKeyActor(deps: AuthenticateDeps, presented: string): Promise<Actor | null> {
  const key = readPresentedKey(presented)
  if (key === null) return null
  const row = await deps.db
    .selectFrom('api_key')
    .selectAll()
    .where('tenant_id', '=', deps.tenantId)
    .where('id', '=', key.id)
    .executeTakeFirst()
  if (!row || row.revoked_at !== null || !isSameHash(key.secretHash, Buffer.from(row.secret_hash, 'hex'))) return null
  await noteUse(deps, row.id, row.last_used_at)
  return { kind: 'api-key', id: row.id, name: row.name, via: 'api', tenantId: deps.tenantId, scopes: scopesOf(row) }
}

async function noteUse(deps: AuthenticateDeps, id: string, lastUsedAt: number | null): Promise<void> {
  const now = deps.now()
  if (lastUsedAt !== null && now - lastUsedAt < USE_PRECISION_MS) return
  try {
    await deps.db
      .updateTable('api_key')
      .set({ last_used_at: now })
      .where('tenant_id', '=', deps.tenantId)
      .where('id', '=', id)
      .execute()
  } catch (error) {
    // A full disk must not lock out the people who come to look at it.
    deps.onTouchFailed(error)
  }
}

function configuredKeyActor({ configuredKeys, tenantId }: AuthenticateDeps, presented: string): Actor | null {
  const hash = hashOfToken(presented)
  let found: ConfiguredKey | null = null
  // Every key is compared, so that the time tells nothing about which one came close.
  for (const key of configuredKeys) if (isSameHash(hash, key.secretHash)) found = key
  return found === null
    ? null
    : { kind: 'api-key', id: `config:${found.name}`, name: found.name, via: 'api', tenantId, scopes: found.scopes }
}
