import type { IncidentStatus } from '../domain/incident.ts'
import type { Severity } from '../domain/severity.ts'

/** What a filter asks of one field: any of `is` (when there are some), and none of `isNot`. */
export interface Choice<V extends string = string> {
  readonly is: readonly V[]
  readonly isNot: readonly V[]
}

/** Which incidents a list shows. Absent means: all. */
export interface IncidentFilter {
  readonly status?: Choice<IncidentStatus>
  readonly severity?: Choice<Severity>
  readonly service?: Choice
  readonly cluster?: Choice
  readonly namespace?: Choice
  readonly environment?: Choice
  readonly source?: Choice
  /** Ids of owners; the empty text stands for nobody. */
  readonly owner?: Choice
  /** Words that parts of its words must begin with (`termsOfIncident`), or the name of one incident. */
  readonly text?: string
  /** Started at or after this instant, ms. */
  readonly from?: number
  /** Started before this instant, ms. */
  readonly to?: number
}

/** Whether a value passes a choice. */
export function passes<V extends string>(choice: Choice<V> | undefined, value: V): boolean {
  if (!choice) return true
  return (choice.is.length === 0 || choice.is.includes(value)) && !choice.isNot.includes(value)
}
