import { createFold } from '../incidents/fold-events.ts'
import type { OrdersFor } from '../incidents/follow-up-orders.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import { foldSignsOfLife, type SignDeps } from '../intake/dead-man/fold-signs-of-life.ts'
import type { FoldEvents } from '../intake/fold-parts.ts'
import { createSourceRegistry, type SourceRegistry } from '../intake/source-registry.ts'
import type { NewId } from '../store/new-id.ts'
import type { Routing } from './create-routing.ts'
import type { EngineData } from './engine-data.ts'
import { followUpOrders } from './follow-up.ts'
import { labelsMatcher } from './labels-matcher.ts'
import { adapterOfKind } from './registries.ts'

/** The sources as the fold and the adapters need them; tokens stay in the thread that answers HTTP. */
export function sourcesOf(data: Pick<EngineData, 'sources' | 'tenantId'>): SourceRegistry {
  return createSourceRegistry(
    data.sources.map(({ name, kind, settings }) => ({
      tenantId: data.tenantId,
      name,
      kind,
      tokenHash: null,
      adapter: adapterOfKind(kind),
      settings,
    })),
  )
}

/** The fold with the policies of the configuration. A source that is no longer configured keeps the policy of the first one. */
export function foldOf(
  data: Pick<EngineData, 'sources'>,
  routing: Routing,
  newId: NewId,
): {
  readonly fold: FoldEvents
  readonly ordersFor: OrdersFor
  readonly policyOf: (source: string) => SourcePolicy
} {
  const policies = new Map<string, SourcePolicy>(data.sources.map(({ name, policy }) => [name, policy]))
  const fallback = data.sources[0]?.policy as SourcePolicy
  const ordersFor = followUpOrders(routing)
  const policyOf = (source: string): SourcePolicy => policies.get(source) ?? fallback
  const fold = foldSignsOfLife(createFold({ newId, policyOf, ordersFor }), { newId, isWatchdog: watchdogTest(data) })
  return { fold, ordersFor, policyOf }
}

function watchdogTest({ sources }: Pick<EngineData, 'sources'>): SignDeps['isWatchdog'] {
  const tests = new Map(
    sources.flatMap(({ name, watchdog }) => (watchdog ? [[name, labelsMatcher(watchdog)] as const] : [])),
  )
  return (source, labels) => tests.get(source)?.(labels) ?? false
}
