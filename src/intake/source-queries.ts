import type { Actor } from '../domain/actor.ts'
import { requireScope } from '../domain/require-scope.ts'
import type { Db } from '../store/database.ts'
import type { SourceLedgerTable } from '../store/tables/intake-tables.ts'
import type { SourceRegistry } from './source-registry.ts'

/** A source with what came of everything it sent: read = linked + suppressed + quarantined. */
export interface SourceView {
  readonly name: string
  /** Null for a source that once sent and is configured no more. */
  readonly kind: string | null
  readonly isConfigured: boolean
  /** Senders must present a token. */
  readonly hasToken: boolean
  readonly deliveries: number
  readonly events: {
    readonly read: number
    readonly linked: number
    readonly suppressed: number
    readonly quarantined: number
  }
  /** Milliseconds since 1970; null when nothing ever came. */
  readonly lastReceivedAt: number | null
}

/** Every configured source, and those that sent before, by name. Needs the scope `read`. */
export async function listSources(db: Db, actor: Actor, registry: SourceRegistry): Promise<readonly SourceView[]> {
  requireScope(actor, 'read')
  const rows = await db.selectFrom('source_ledger').selectAll().where('tenant_id', '=', actor.tenantId).execute()
  const ledgers = new Map(rows.map((row) => [row.source, row]))
  const configured = new Map(
    registry
      .all()
      .filter((source) => source.tenantId === actor.tenantId)
      .map((source) => [source.name, source]),
  )
  const names = [...new Set([...configured.keys(), ...ledgers.keys()])].sort()
  return names.map((name) => {
    const source = configured.get(name)
    return {
      name,
      kind: source?.kind ?? null,
      isConfigured: source !== undefined,
      hasToken: (source?.tokenHash ?? null) !== null,
      ...countsOf(ledgers.get(name)),
    }
  })
}

function countsOf(ledger: SourceLedgerTable | undefined): Pick<SourceView, 'deliveries' | 'events' | 'lastReceivedAt'> {
  return {
    deliveries: Number(ledger?.deliveries ?? 0),
    events: {
      read: Number(ledger?.events_read ?? 0),
      linked: Number(ledger?.events_linked ?? 0),
      suppressed: Number(ledger?.events_suppressed ?? 0),
      quarantined: Number(ledger?.events_quarantined ?? 0),
    },
    lastReceivedAt: ledger ? Number(ledger.last_received_at) : null,
  }
}
