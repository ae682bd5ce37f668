import type { Incident, IncidentEffect } from '../domain/incident.ts'
import { LANES, type Lane } from '../domain/job-payloads.ts'
import type { Severity } from '../domain/severity.ts'
import type { JobOrder } from '../jobs/enqueue.ts'

const LANE_OF_SEVERITY: Readonly<Record<Severity, Lane>> = {
  critical: LANES.critical,
  error: LANES.error,
  warning: LANES.warning,
  info: LANES.info,
  debug: LANES.info,
  success: LANES.info,
}

/** The job queue of a channel: its messages go out one after another. */
export function queueOfChannel(channelId: string): string {
  return `channel:${channelId}`
}

/** The jobs that bring the channels of an incident up to date with it; several wishes for one incident become one job. */
export function notifyOrders(
  channelsOf: (incident: Incident) => readonly string[],
): (incident: Incident, effect: IncidentEffect) => readonly JobOrder[] {
  return (incident) =>
    channelsOf(incident).map((channelId) => ({
      kind: 'notify-channel' as const,
      payload: { incidentId: incident.id, channelId },
      lane: LANE_OF_SEVERITY[incident.severity],
      runAt: incident.updatedAt,
      dedupeKey: `notify/${channelId}/${incident.id}`,
      queue: queueOfChannel(channelId),
    }))
}
