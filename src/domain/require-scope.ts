import { type Actor, hasScope, type Scope } from './actor.ts'

/** The actor may not do this. Doors answer 403 and name the scope. */
export class ScopeMissingError extends Error {
  readonly scope: Scope

  constructor(actor: Actor, scope: Scope) {
    super(`${actor.name} has no scope "${scope}"`)
    this.name = 'ScopeMissingError'
    this.scope = scope
  }
}

/** The first line of every operation: throws `ScopeMissingError` unless the actor has the scope. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (!hasScope(actor, scope)) throw new ScopeMissingError(actor, scope)
}
