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

/** A root is edited this long after its incident changed without news, so that one edit shows many changes. */
const CALM_DEBOUNCE_MS = 1_000

/** The job queue of a channel: its messages go out one after another. */
export function queueOfChannel(channelId: string): string {
  return `channel:${channelId}`
}

/** The job that brings a channel up to date with an incident: there is one at a time, wishes for it become one. */
export function notifyOrderOf(
  channelId: string,
  incidentId: string,
  { lane, runAt }: { readonly lane: Lane; readonly runAt: number },
): JobOrder<'notify-channel'> {
  return {
    kind: 'notify-channel',
    payload: { incidentId, channelId },
    lane,
    runAt,
    dedupeKey: `notify/${channelId}/${incidentId}`,
    queue: queueOfChannel(channelId),
  }
}

/** A channel that an incident is told in. */
export interface RoutedChannel {
  readonly id: string
  /** False: only news reaches it, because its messages cannot be edited. */
  readonly canEdit: boolean
}

/** The jobs that bring channels up to date with an incident that changed. `route` says which; pure. */
export function notifyOrders(
  route: (incident: Incident) => readonly RoutedChannel[],
): (incident: Incident, effect: IncidentEffect) => readonly JobOrder[] {
  return (incident, effect) => {
    const isNews = effect.kind !== 'refresh'
    return route(incident)
      .filter(({ canEdit }) => isNews || canEdit)
      .map(({ id }) =>
        notifyOrderOf(id, incident.id, {
          lane: LANE_OF_SEVERITY[incident.severity],
          runAt: incident.updatedAt + (isNews ? 0 : CALM_DEBOUNCE_MS),
        }),
      )
  }
}
