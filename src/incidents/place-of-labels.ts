import type { Labels } from '../domain/alert-event.ts'

/** Where an alert comes from, as its labels say; empty where they do not. */
export interface Place {
  readonly service: string
  readonly cluster: string
}

/** As long as an index takes. */
const LONGEST = 250

/** The service is the label `service`, else `app`, else `job`. */
export function placeOfLabels(labels: Labels): Place {
  return {
    service: (labels['service'] || labels['app'] || labels['job'] || '').slice(0, LONGEST),
    cluster: (labels['cluster'] ?? '').slice(0, LONGEST),
  }
}
