import type { Incident, IncidentEffect } from '../domain/incident.ts'
import type { JobOrder } from '../jobs/enqueue.ts'

/** Which jobs follow an effect on an incident: the notify room's routing, given by the composition root. */
export type OrdersFor = (incident: Incident, effect: IncidentEffect) => readonly JobOrder[]
