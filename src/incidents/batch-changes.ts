import type { Alert, AlertObservation } from '../domain/alert.ts'
import type { IncidentEffect, TimelineDraft } from '../domain/incident.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { ActivityTally } from './activity/activity-tally.ts'

/** An alert as the batch leaves it. */
export interface ChangedAlert {
  readonly alert: Alert
  readonly firstSeenAt: number
  /** Null: no longer the current state of its fingerprint. */
  readonly key: string | null
  /** The event whose content the alert now shows. */
  readonly observed: ObservedEvent
  readonly isStored: boolean
}

/** An event of the batch, before it has a row. */
export interface EventDraft {
  readonly observed: ObservedEvent
  readonly observation: AlertObservation
  readonly alertId: string
  readonly incidentId: string | null
}

/** What a batch of one tenant changed, gathered in memory. */
export class BatchChanges {
  readonly tenantId: string
  readonly alerts = new Map<string, ChangedAlert>()
  /** Alert rows that stop being the current state of their fingerprint. */
  readonly detached = new Set<string>()
  /** Alerts of which only `last_seen_at` changed. */
  readonly seen = new Map<string, number>()
  readonly newIncidents = new Set<string>()
  readonly dirtyIncidents = new Set<string>()
  readonly events: EventDraft[] = []
  readonly timeline: { incidentId: string; at: number; entry: TimelineDraft }[] = []
  readonly effects = new Map<string, IncidentEffect[]>()
  readonly activity = new ActivityTally()
  /** By incident: names of alerts that joined it and are not called as it is. */
  readonly names = new Map<string, Set<string>>()
  readonly #healed = new Set<string>()

  constructor(tenantId: string) {
    this.tenantId = tenantId
  }

  addEvent(observed: ObservedEvent, observation: AlertObservation, alertId: string, incidentId: string | null): void {
    this.events.push({ observed, observation, alertId, incidentId })
  }

  addTimeline(incidentId: string, at: number, entry: TimelineDraft): void {
    this.timeline.push({ incidentId, at, entry })
  }

  addName(incidentId: string, name: string): void {
    const names = this.names.get(incidentId)
    if (names) names.add(name)
    else this.names.set(incidentId, new Set([name]))
  }

  /** Says once per incident why alerts of the batch were told by Nunchi and not by their sender. */
  addHealed(incidentId: string, { event, source, receivedAt }: ObservedEvent): void {
    const reason = event.healedBecause
    if (reason === undefined || this.#healed.has(`${incidentId} ${reason}`)) return
    this.#healed.add(`${incidentId} ${reason}`)
    this.addTimeline(incidentId, receivedAt, { kind: 'healed', reason, data: { source, status: event.status } })
  }

  addEffect(incidentId: string, effect: IncidentEffect): void {
    const effects = this.effects.get(incidentId)
    if (effects) effects.push(effect)
    else this.effects.set(incidentId, [effect])
  }
}
