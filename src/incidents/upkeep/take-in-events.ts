import type { AlertObservation } from '../../domain/alert.ts'
import { severityOfRank } from '../../domain/severity.ts'
import type { Tx } from '../../store/database.ts'
import { addActivityTx } from '../activity/activity-repository.ts'
import { ActivityTally } from '../activity/activity-tally.ts'
import type { SeriesRoster } from '../activity/series-roster.ts'
import { placeOfLabels } from '../place-of-labels.ts'
import { oldEventsAfter } from './old-rows-queries.ts'
import { lockProgressTx, saveProgressTx } from './upkeep-repository.ts'

/**
 * Counts the next events that were stored before there were roll-ups, at most `limit`, by the labels that their alerts have
 * now. Answers how many it found; 0 = all are counted.
 */
export async function takeInEventsTx(
  tx: Tx,
  tenantId: string,
  { limit, roster }: { readonly limit: number; readonly roster: SeriesRoster },
): Promise<number> {
  const progress = await lockProgressTx(tx, tenantId, 'events')
  if (progress.doneTo >= progress.until) return 0
  const rows = await oldEventsAfter(tx, tenantId, { ...progress, limit })
  const tally = new ActivityTally()
  for (const { source, labels, severity_rank, observation, received_at } of rows)
    tally.addStored(
      { source, ...placeOfLabels(labels === null ? {} : JSON.parse(labels)) },
      {
        severity: severityOfRank(severity_rank),
        observation: observation as AlertObservation,
        at: Number(received_at),
      },
    )
  await addActivityTx(tx, tenantId, tally, roster)
  await saveProgressTx(tx, tenantId, 'events', rows.at(-1)?.id ?? progress.until)
  return rows.length
}
