import { z } from 'zod'

/** What the configuration needs to know of a kind of source. */
export interface SourceKind {
  readonly kind: string
  readonly correlationDefaults: readonly string[]
  readonly settings: z.ZodObject
}

/** Every kind of source that can be configured. */
export const SOURCE_KINDS: readonly [SourceKind, ...SourceKind[]] = [
  {
    kind: 'alertmanager',
    correlationDefaults: ['alertname', 'severity', 'service', 'cluster', 'environment'],
    settings: z.strictObject({}),
  },
  {
    kind: 'grafana',
    correlationDefaults: ['rule_uid', 'cluster', 'namespace', 'service', 'phase'],
    settings: z.strictObject({}),
  },
  { kind: 'generic', correlationDefaults: ['key'], settings: z.strictObject({}) },
]
