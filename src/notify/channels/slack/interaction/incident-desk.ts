import type { Actor } from '../../../../domain/actor.ts'
import type { IncidentDeclaration } from '../../../../domain/declared-incident.ts'
import type { IncidentStatus, Party } from '../../../../domain/incident.ts'
import type { ActionRequest } from '../../../../domain/incident-actions.ts'
import type { Severity } from '../../../../domain/severity.ts'

/** An incident as a person in Slack sees it. Instants are ISO 8601. */
export interface SeenIncident {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly severity: Severity
  readonly status: IncidentStatus
  readonly service: string
  readonly openedAt: string
  readonly acknowledgedAt: string | null
  readonly acknowledgedBy: Party | null
  readonly resolvedAt: string | null
  readonly resolvedBy: Party | null
  readonly owner: Party | null
  readonly firing: number
  readonly total: number
  readonly silence: { readonly until: string | null } | null
  readonly movedTo: string | null
}

/** One entry of a timeline. */
export interface SeenEntry {
  readonly at: string
  readonly kind: string
  readonly reason: string
  readonly by: Party
}

export type DeskAnswer =
  | { readonly ok: true; readonly incident: SeenIncident }
  | {
      readonly ok: false
      readonly refusal: string
      readonly incident?: SeenIncident
      readonly other?: { readonly name: string } | null
    }

export interface DeskCommand
  extends Pick<ActionRequest, 'action' | 'reason' | 'assignee' | 'until' | 'severity' | 'channelId'> {
  readonly incidentId: string
  /** The same key does it once, however often it is asked. */
  readonly idempotencyKey: string
}

/** What the notify room asks of those who keep the incidents. Filled by the composition root. */
export interface IncidentDesk {
  readonly act: (actor: Actor, command: DeskCommand) => Promise<DeskAnswer>
  readonly declare: (
    actor: Actor,
    declaration: IncidentDeclaration & { readonly idempotencyKey: string },
  ) => Promise<DeskAnswer>
  /** Open incidents in the order of the inbox, the first `limit` of them. */
  readonly list: (
    actor: Actor,
    wish: { readonly limit: number; readonly owner?: string; readonly severity?: Severity },
  ) => Promise<readonly SeenIncident[]>
  /** By id or name; null when there is none. The newest entries of the timeline come first. */
  readonly find: (
    actor: Actor,
    idOrName: string,
  ) => Promise<{ readonly incident: SeenIncident; readonly timeline: readonly SeenEntry[] } | null>
}
