import { type Incident, UNTOUCHED } from '../domain/incident.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { fitName } from '../store/fit-name.ts'
import { placeOfLabels } from './place-of-labels.ts'
import type { HashedKey } from './working-set.ts'

/** An incident before its first alert is counted. Its number is given when the batch is written. */
export function openIncident(
  observed: ObservedEvent,
  identity: {
    readonly key: HashedKey
    readonly ruleKey: string | null
    readonly id: string
    readonly environment: string
  },
): Incident {
  const { event, receivedAt } = observed
  const label = (name: string): string => fitName(event.labels[name] ?? '')
  return {
    ...UNTOUCHED,
    tenantId: observed.tenantId,
    id: identity.id,
    number: 0,
    version: 0,
    source: observed.source,
    correlationKey: identity.key.hash,
    correlationText: identity.key.text,
    ruleKey: identity.ruleKey,
    title: event.title,
    severity: event.severity,
    ...placeOfLabels(event.labels),
    namespace: label('namespace'),
    environment: label('environment') || label('env') || identity.environment,
    labels: event.labels,
    startedAt: Math.min(event.startsAt, receivedAt),
    openedAt: receivedAt,
    peakSeverity: event.severity,
    movedTo: null,
    updatedAt: receivedAt,
  }
}
