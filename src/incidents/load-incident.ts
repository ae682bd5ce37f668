import type { Incident } from '../domain/incident.ts'
import type { Db, Tx } from '../store/database.ts'
import { incidentFromRow } from '../store/incident-row.ts'
import { lockRows } from '../store/row-locks.ts'

const NAME_PATTERN = /^INC-(\d{1,15})$/i

/** The number in a name that people say (`INC-1042`), or null when it is something else. */
export function numberOfName(text: string): number | null {
  const match = NAME_PATTERN.exec(text.trim())
  return match ? Number(match[1]) : null
}

/** Finds an incident by its id or its name (`INC-1042`). Null when there is none. */
export async function loadIncident(db: Db | Tx, tenantId: string, idOrName: string): Promise<Incident | null> {
  const row = await incidentsNamed(db, tenantId, idOrName).executeTakeFirst()
  return row ? incidentFromRow(row) : null
}

/** `loadIncident` for those who decide on what they read: nobody else moves the incident until the transaction ends. */
export async function lockIncidentTx(tx: Tx, tenantId: string, idOrName: string): Promise<Incident | null> {
  const row = await lockRows(incidentsNamed(tx, tenantId, idOrName)).executeTakeFirst()
  return row ? incidentFromRow(row) : null
}

function incidentsNamed(db: Db | Tx, tenantId: string, idOrName: string) {
  const number = numberOfName(idOrName)
  const query = db.selectFrom('incident').selectAll().where('tenant_id', '=', tenantId)
  return number === null ? query.where('id', '=', idOrName) : query.where('number', '=', number)
}
