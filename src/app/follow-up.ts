import type { Incident, IncidentEffect } from '../domain/incident.ts'
import { LANES } from '../domain/job-payloads.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { JobOrder } from '../jobs/enqueue.ts'
import { notifyOrders } from '../notify/routing.ts'

/** Answers the incidents room's question "what follows?": notices to these channels, and timers. */
export function ordersForChannels(channelIds: readonly string[]): OrdersFor {
  const notify = notifyOrders(channelIds)
  return (incident, effect) => (effect.kind === 'notify' ? notify(incident, effect) : [timerOrder(incident, effect)])
}

function timerOrder(incident: Incident, effect: Exclude<IncidentEffect, { kind: 'notify' }>): JobOrder {
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
