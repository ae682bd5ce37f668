import type { Scope } from './actor.ts'

export const ROLES = ['viewer', 'responder', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** What a role may do. */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read'],
  responder: ['respond'],
  admin: ['admin'],
}

/** Somebody whom the configuration names. */
export interface Person {
  readonly id: string
  readonly name: string
  /** In lower case. */
  readonly email: string
  readonly role: Role
}

/** What a member of the workspace may do whom the configuration does not name. */
export const MEMBER_RIGHTS = ['respond', 'read', 'none'] as const
export type MemberRights = (typeof MEMBER_RIGHTS)[number]
