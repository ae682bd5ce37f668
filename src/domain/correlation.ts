import type { AlertEvent } from './alert-event.ts'

/** How the events of one source are tied into incidents. */
export interface CorrelationPolicy {
  /**
   * Names of labels (or adapter fields such as `rule_uid`) whose values make up the key, in order.
   * `environment` falls back to the installation's environment when the alert carries none.
   */
  readonly fields: readonly string[]
  /** Alerts whose start falls into different windows of this length never share an incident; null = no windows. */
  readonly windowMs: number | null
  /** The installation's environment (`ENVIRONMENT`). */
  readonly environment: string
}

export interface CorrelationKey {
  /** Readable: values joined by `|`. Not unique by itself, because a value may hold a `|`. */
  readonly text: string
  /** What is hashed into the unique key: unambiguous for every content of the values. */
  readonly material: string
}

/**
 * The key of the incident that `event` belongs to. Depends on the episode alone, never on the time or order
 * of arrival, so that repeats and late deliveries find the same incident.
 */
export function correlationKeyOf(event: AlertEvent, sourceName: string, policy: CorrelationPolicy): CorrelationKey {
  const values = policy.fields.map((field) => fieldValue(event, field, policy))
  const bucket = policy.windowMs === null ? null : Math.floor(event.startsAt / policy.windowMs)
  const text =
    values.join('|') +
    (bucket === null || policy.windowMs === null ? '' : `|${new Date(bucket * policy.windowMs).toISOString()}`)
  return { text, material: JSON.stringify([sourceName, policy.fields, values, bucket]) }
}

function fieldValue(event: AlertEvent, field: string, policy: CorrelationPolicy): string {
  const value = event.labels[field] || event.fields[field]
  if (value) return value
  return field === 'environment' ? policy.environment : ''
}
