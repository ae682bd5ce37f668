import { ownSource } from '../intake/dead-man/own-source.ts'
import { alertmanagerSource } from '../intake/sources/alertmanager/alertmanager-source.ts'
import { genericSource } from '../intake/sources/generic/generic-source.ts'
import { grafanaSource } from '../intake/sources/grafana/grafana-source.ts'
import type { SourceAdapter } from '../intake/sources/source-adapter.ts'

/** Every kind of source. Adding one touches its folder and this list. */
const SOURCE_ADAPTERS = [alertmanagerSource, grafanaSource, genericSource, ownSource] as const

/** The adapter of a kind. Throws when the kind is unknown: the configuration has checked it before. */
export function adapterOfKind(kind: string): SourceAdapter<never> {
  const adapter = SOURCE_ADAPTERS.find((candidate) => candidate.kind === kind)
  if (!adapter) throw new Error(`There is no source of kind ${kind}`)
  return adapter as SourceAdapter<never>
}
