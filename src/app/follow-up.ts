import type { Incident, IncidentEffect } from '../domain/incident.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { JobOrder } from '../jobs/enqueue.ts'
import { notifyOrders } from '../notify/routing.ts'
import type { Routing } from './create-routing.ts'

/** Answers the incidents room's question "what follows?": notices to whom it concerns, and timers. */
export function followUpOrders({ mayConcern, isLive }: Pick<Routing, 'mayConcern' | 'isLive'>): OrdersFor {
  const notify = notifyOrders((incident) => mayConcern(incident).map((id) => ({ id, canEdit: isLive(id) })))
  return (incident, effect) =>
    effect.kind === 'resolve-when-clear' || effect.kind === 'end-silence'
      ? [timerOrder(incident, effect)]
      : notify(incident, effect)
}

function timerOrder(incident: Incident, effect: Extract<IncidentEffect, { at: number }>): JobOrder {
  return {
    kind: effect.kind,
    payload: { incidentId: incident.id },
    lane: LANES.error,
    runAt: effect.at,
    // One timer per instant: a later hold-off must not be answered by an earlier timer that was kept.
    dedupeKey: `${effect.kind}/${incident.id}/${effect.at}`,
    queue: null,
  }
}
