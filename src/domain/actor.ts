/** What a caller may do. A key or a session carries a set of these. */
export const SCOPES = ['ingest', 'read', 'respond', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Who did something, and through which door. Written into every timeline entry and audit row. */
export interface Actor {
  readonly kind: 'system' | 'user' | 'api-key' | 'anonymous'
  /** Stable id of the user or key; `nunchi` for the system itself. */
  readonly id: string
  /** What a person reads: a name. */
  readonly name: string
  readonly via: 'rule' | 'api' | 'web' | 'slack' | 'cli'
  readonly tenantId: string
  readonly scopes: readonly Scope[]
}

export const DEFAULT_TENANT = 'default'

/** Nunchi itself, acting by a rule: folding, resolving by itself, retention. */
export function systemActor(tenantId: string): Actor {
  return { kind: 'system', id: 'nunchi', name: 'Nunchi', via: 'rule', tenantId, scopes: ['admin'] }
}

/** `admin` may do everything, `respond` may also read; `ingest` stands alone. */
export function hasScope(actor: Actor, scope: Scope): boolean {
  if (actor.scopes.includes('admin')) return true
  if (scope === 'read' && actor.scopes.includes('respond')) return true
  return actor.scopes.includes(scope)
}
