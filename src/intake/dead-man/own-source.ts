import { alertmanagerSource } from '../sources/alertmanager/alertmanager-source.ts'
import type { SourceAdapter } from '../sources/source-adapter.ts'

/** The name of the source of everything that Nunchi says of itself; no configured source may have it. */
export const OWN_SOURCE = 'nunchi'

/** Reads what Nunchi tells itself; no door leads to it. */
export const ownSource: SourceAdapter = {
  ...alertmanagerSource,
  kind: OWN_SOURCE,
  correlationDefaults: ['alertname', 'source'],
}

/** The alert of a self-test: it opens no incident, and shows that the way from the log to the jobs is open. */
export const SELF_TEST = 'NunchiSelfTest'
