import type { Db } from '../store/database.ts'
import { selectByKeys } from '../store/select-by-keys.ts'

const ROOTS = {
  table: 'notification',
  columns: ['incident_id', 'channel_id', 'root_id', 'state'],
  keyColumn: 'incident_id',
} as const

/** `pending`: it will be posted. `blocked`: not before a person repairs something. */
export type RootMessage =
  | { readonly kind: 'posted'; readonly id: string }
  | { readonly kind: 'pending' }
  | { readonly kind: 'blocked' }

/** What a channel shows of each incident, by incident id: the root of its thread. An incident that is not in the answer is pending. */
export async function rootMessagesOf(
  db: Db,
  tenantId: string,
  channelId: string,
  incidentIds: readonly string[],
): Promise<ReadonlyMap<string, RootMessage>> {
  const rows = await selectByKeys(db, ROOTS, tenantId, incidentIds)
  return new Map(
    rows
      .filter((row) => row.channel_id === channelId)
      .map((row) => [
        row.incident_id,
        row.root_id !== null
          ? { kind: 'posted', id: row.root_id }
          : { kind: row.state === 'blocked' ? 'blocked' : 'pending' },
      ]),
  )
}
