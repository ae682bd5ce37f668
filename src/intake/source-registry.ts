import type { SourceAdapter } from './sources/source-adapter.ts'

/** A configured origin of alerts, ready to be used. */
export interface Source {
  readonly tenantId: string
  readonly name: string
  readonly kind: string
  /** sha-256 of the token that senders present; null = open (loopback only). */
  readonly tokenHash: Buffer | null
  readonly adapter: SourceAdapter<never>
  readonly settings: unknown
}

/** Finds sources by name. */
export interface SourceRegistry {
  readonly find: (name: string) => Source | null
  readonly all: () => readonly Source[]
}

export function createSourceRegistry(sources: readonly Source[]): SourceRegistry {
  const byName = new Map(sources.map((source) => [source.name, source]))
  return { find: (name) => byName.get(name) ?? null, all: () => sources }
}
