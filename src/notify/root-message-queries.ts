import type { Db } from '../store/database.ts'
import { selectByKeys } from '../store/select-by-keys.ts'

const ROOTS = {
  table: 'notification',
  columns: ['incident_id', 'channel_id', 'root_id', 'state'],
  keyColumn: 'incident_id',
} as const

/** `pending`: it will be posted. `blocked`: not before a person repairs something. `digested`: many are told in one message. */
export type RootMessage =
  | { readonly kind: 'posted'; readonly id: string }
  | { readonly kind: 'pending' }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'digested' }

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
          : { kind: row.state === 'blocked' || row.state === 'digested' ? row.state : 'pending' },
      ]),
  )
}

/** The incident whose thread begins with a message, or null when no channel of ours shows one there. */
export async function incidentOfRoot(
  db: Db,
  tenantId: string,
  {
    channelIds,
    rootId,
    place,
  }: { readonly channelIds: readonly string[]; readonly rootId: string; readonly place: string },
): Promise<string | null> {
  if (channelIds.length === 0) return null
  const row = await db
    .selectFrom('notification')
    .select('incident_id')
    .where('tenant_id', '=', tenantId)
    .where('channel_id', 'in', channelIds)
    .where('root_id', '=', rootId)
    .where('root_place', '=', place)
    .executeTakeFirst()
  return row?.incident_id ?? null
}
