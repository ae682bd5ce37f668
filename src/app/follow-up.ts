import type { Incident, IncidentEffect } from '../domain/incident.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { JobOrder } from '../jobs/enqueue.ts'
import { notifyOrders, type RoutedChannel } from '../notify/routing.ts'

/** Answers the incidents room's question "what follows?": notices to the channels of an incident, and timers. */
export function ordersForChannels(route: (incident: Incident) => readonly RoutedChannel[]): OrdersFor {
  const notify = notifyOrders(route)
  return (incident, effect) =>
    effect.kind === 'resolve-when-clear' ? [resolveOrder(incident, effect)] : notify(incident, effect)
}

function resolveOrder(incident: Incident, effect: Extract<IncidentEffect, { kind: 'resolve-when-clear' }>): JobOrder {
  return {
    kind: 'resolve-when-clear',
    payload: { incidentId: incident.id },
    lane: LANES.error,
    runAt: effect.at,
    // One timer per instant: a later hold-off must not be answered by an earlier timer that was kept.
    dedupeKey: `resolve/${incident.id}/${effect.at}`,
    queue: null,
  }
}
