import { DEFAULT_LIFECYCLE } from '../domain/incident-lifecycle.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import { OWN_SOURCE, ownSource } from '../intake/dead-man/own-source.ts'
import type { Source } from '../intake/source-registry.ts'
import type { Config } from './config/config-shape.ts'

interface OwnSourceData {
  readonly name: string
  readonly kind: string
  readonly policy: SourcePolicy
  readonly settings: object
}

/** The source of what Nunchi says of itself, as the engine needs it. */
export function ownSourceData(environment: string): OwnSourceData {
  return {
    name: OWN_SOURCE,
    kind: OWN_SOURCE,
    policy: {
      correlation: { fields: ownSource.correlationDefaults, windowMs: null, environment },
      lifecycle: DEFAULT_LIFECYCLE,
      keepsEveryAlert: false,
    },
    settings: {},
  }
}

/** The same among the sources that people see; none where nothing is watched, and it never speaks. No route takes deliveries for it. */
export function ownSourceEntries(config: Config): readonly Source[] {
  const isWatching =
    config.heartbeat !== null || config.sources.some((each) => each.watchdog !== null || each.silentAfterMs !== null)
  if (!isWatching) return []
  const { tenantId } = config
  return [{ tenantId, name: OWN_SOURCE, kind: OWN_SOURCE, tokenHash: null, adapter: ownSource as never, settings: {} }]
}
