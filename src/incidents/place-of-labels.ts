import type { Labels } from '../domain/alert-event.ts'
import { fitName } from '../store/fit-name.ts'

/** Where an alert comes from, as its labels say; empty where they do not. */
export interface Place {
  readonly service: string
  readonly cluster: string
}

/** The service is the label `service`, else `app`, else `job`. */
export function placeOfLabels(labels: Labels): Place {
  return {
    service: fitName(labels['service'] || labels['app'] || labels['job'] || ''),
    cluster: fitName(labels['cluster'] ?? ''),
  }
}
