import { incidentName } from '../domain/incident.ts'
import { isoTime } from '../domain/iso-time.ts'
import { readChanges } from '../store/change-feed-queries.ts'
import type { Db } from '../store/database.ts'
import { selectByKeys } from '../store/select-by-keys.ts'
import type { ChangeFeedTable } from '../store/tables/job-tables.ts'

/** That an incident changed, and what a list needs to know to decide whether to look again. */
export interface LiveChange {
  readonly seq: number
  readonly id: string
  readonly name: string
  readonly title: string
  readonly version: number
  readonly status: string
  readonly severity: string
  readonly at: string
}

export interface LiveChanges {
  /** In commit order. Of several changes of one incident only the last: it stands for all of them. */
  readonly changes: readonly LiveChange[]
  /** How far was read: the position to go on from. */
  readonly position: number
  readonly isMore: boolean
}

const INCIDENT_SELECT = { table: 'incident', columns: ['id', 'number', 'title'], keyColumn: 'id' } as const

/** Reads what changed after a position of the feed. The caller has checked that whoever gets it may read. */
export async function readLiveChanges(db: Db, tenantId: string, after: number, limit: number): Promise<LiveChanges> {
  const rows = await readChanges(db, tenantId, after, limit)
  const last = new Map<string, ChangeFeedTable>()
  for (const row of rows) {
    last.delete(row.subject_id)
    last.set(row.subject_id, row)
  }
  const incidents = new Map(
    (await selectByKeys(db, INCIDENT_SELECT, tenantId, [...last.keys()])).map((row) => [row.id, row]),
  )
  const changes = [...last.values()].flatMap((row): LiveChange[] => {
    const incident = incidents.get(row.subject_id)
    return incident ? [changeOf(row, incident)] : []
  })
  return { changes, position: Number(rows.at(-1)?.seq ?? after), isMore: rows.length === limit }
}

function changeOf(row: ChangeFeedTable, incident: { readonly number: number; readonly title: string }): LiveChange {
  const data = JSON.parse(row.data) as { readonly version: number; readonly status: string; readonly severity: string }
  return {
    seq: Number(row.seq),
    id: row.subject_id,
    name: incidentName({ number: Number(incident.number) }),
    title: incident.title,
    version: data.version,
    status: data.status,
    severity: data.severity,
    at: isoTime(Number(row.at)),
  }
}
