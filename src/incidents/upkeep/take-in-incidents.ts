import type { Incident, TimelineDraft, TimelineKind } from '../../domain/incident.ts'
import { nameOfLabels, termsOf, termsOfIncident } from '../../domain/search-terms.ts'
import type { Tx } from '../../store/database.ts'
import { INCIDENT_COLUMNS, type IncidentRow, incidentFromRow } from '../../store/incident-row.ts'
import { selectByKeys } from '../../store/select-by-keys.ts'
import { addActivityTx } from '../activity/activity-repository.ts'
import { ActivityTally } from '../activity/activity-tally.ts'
import type { SeriesRoster } from '../activity/series-roster.ts'
import { addTermsTx } from '../search-index-repository.ts'
import { firstAlertsOf, incidentIdsAfter, type OldEntry, timelinesOf } from './old-rows-queries.ts'
import { lockProgressTx, saveProgressTx } from './upkeep-repository.ts'

const INCIDENTS = { table: 'incident', columns: [...INCIDENT_COLUMNS, 'words'], keyColumn: 'id' } as const
const MOST_ALERTS = 50

/**
 * Takes the next incidents, at most `limit`, into what is kept of incidents: those without words are indexed (they are from
 * before the index, or a program of before made them), and what happened to them before there were roll-ups is counted.
 * Answers how many it looked at; 0 = there are no more.
 */
export async function takeInIncidentsTx(
  tx: Tx,
  tenantId: string,
  { limit, roster }: { readonly limit: number; readonly roster: SeriesRoster },
): Promise<number> {
  const { doneTo, until } = await lockProgressTx(tx, tenantId, 'incidents')
  const ids = await incidentIdsAfter(tx, tenantId, doneTo, limit)
  if (ids.length === 0) return 0
  const incidents = new Map<string, Incident>()
  for (const row of await selectByKeys(tx, INCIDENTS, tenantId, ids)) {
    incidents.set(row.id, incidentFromRow(row as IncidentRow))
    if (row.words === null) await indexTx(tx, incidents.get(row.id) as Incident)
  }
  const tally = new ActivityTally()
  const entries = until === '' ? [] : await timelinesOf(tx, tenantId, ids)
  for (const [id, ofIncident] of Map.groupBy(entries, ({ incident_id }) => incident_id))
    count(tally, incidents.get(id) as Incident, ofIncident, until)
  await addActivityTx(tx, tenantId, tally, roster)
  await saveProgressTx(tx, tenantId, 'incidents', ids.at(-1) as string)
  return ids.length
}

async function indexTx(tx: Tx, incident: Incident): Promise<void> {
  const { tenantId, id } = incident
  const alerts = await firstAlertsOf(tx, tenantId, id, MOST_ALERTS)
  const names = alerts.map(({ title, labels }) => nameOfLabels(JSON.parse(labels)) ?? title)
  const added = [...new Set([...termsOfIncident(incident), ...termsOf(names)])]
  await addTermsTx(tx, { tenantId, id, words: '', added })
}

/** Tells the timeline in its order, because times run from the last opening before. What lies behind `until` is counted already. */
function count(tally: ActivityTally, incident: Incident, entries: readonly OldEntry[], until: string): void {
  const drafts = entries.map(draftOf)
  let reopenedAt: number | null = null
  for (const [i, draft] of drafts.entries()) {
    const entry = entries[i] as OldEntry
    if (entry.id > until) return
    const at = Number(entry.at)
    if (draft.kind === 'reopened') reopenedAt = at
    const counted = { ...incident, openedAt: Number(entries[0]?.at), reopenedAt }
    // The entries behind it say from which severity the incident moved on.
    tally.addEntries(counted, at, [draft, ...drafts.slice(i + 1).filter(isMoveOfSeverity)])
  }
}

function isMoveOfSeverity({ kind }: TimelineDraft): boolean {
  return kind.startsWith('severity-')
}

function draftOf({ kind, reason, data }: OldEntry): TimelineDraft {
  return { kind: kind as TimelineKind, reason, data: JSON.parse(data) }
}
