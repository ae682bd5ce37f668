import { insertMany } from './bulk-write.ts'
import type { Tx } from './database.ts'
import { takeNumbers } from './sequence.ts'

/** Something changed that live streams should hear of. */
export interface Change {
  readonly kind: 'incident'
  readonly subjectId: string
  readonly data: Readonly<Record<string, string | number | boolean | null>>
}

const COLUMNS = ['tenant_id', 'seq', 'at', 'kind', 'subject_id', 'data'] as const

/** Appends changes in commit order. Part of the transaction that made them. */
export async function recordChanges(tx: Tx, tenantId: string, changes: readonly Change[], now: number): Promise<void> {
  if (changes.length === 0) return
  const first = await takeNumbers(tx, tenantId, 'change_feed', changes.length)
  await insertMany(
    tx,
    'change_feed',
    COLUMNS,
    changes.map((change, i) => ({
      tenant_id: tenantId,
      seq: first + i,
      at: now,
      kind: change.kind,
      subject_id: change.subjectId,
      data: JSON.stringify(change.data),
    })),
  )
}
