import type { z } from 'zod'
import { alertmanagerSource } from '../../intake/sources/alertmanager/alertmanager-source.ts'
import { alertmanagerSettingsSchema } from '../../intake/sources/alertmanager/settings-schema.ts'
import { genericSource } from '../../intake/sources/generic/generic-source.ts'
import { genericSettingsSchema } from '../../intake/sources/generic/settings-schema.ts'
import { grafanaSource } from '../../intake/sources/grafana/grafana-source.ts'
import { grafanaSettingsSchema } from '../../intake/sources/grafana/settings-schema.ts'

/** What the configuration needs to know of a kind of source. */
export interface SourceKind {
  readonly kind: string
  readonly correlationDefaults: readonly string[]
  /** What `recordRepeats` is where nobody set it. */
  readonly recordsRepeats: boolean
  readonly settings: z.ZodObject
  /** Whether its sender can be asked what fires now. */
  readonly canBeAsked: boolean
}

/** Every kind of source that can be configured. The order is that of the documents. */
export const SOURCE_KINDS: readonly [SourceKind, ...SourceKind[]] = [
  { ...factsOf(alertmanagerSource), recordsRepeats: false, settings: alertmanagerSettingsSchema, canBeAsked: true },
  // Who ran the incident database behind Grafana reads every alert from its view, with the JSON as received.
  { ...factsOf(grafanaSource), recordsRepeats: true, settings: grafanaSettingsSchema, canBeAsked: true },
  { ...factsOf(genericSource), recordsRepeats: false, settings: genericSettingsSchema, canBeAsked: false },
]

type AdapterFacts = Pick<SourceKind, 'kind' | 'correlationDefaults'>

function factsOf({ kind, correlationDefaults }: AdapterFacts): AdapterFacts {
  return { kind, correlationDefaults }
}
