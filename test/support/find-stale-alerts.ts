import type { AckedAlert } from './check-invariants.ts'
import { queryMain } from './query-files.ts'

/**
 * Compares the stored state of each alert with the last one that was acknowledged. Only for senders that send the states
 * of one alert one after another; two that race have no last state.
 */
export function findStaleAlerts(dataDir: string, acked: readonly AckedAlert[]): readonly string[] {
  const latest = new Map(acked.map((entry) => [`${entry.source}/${entry.alert.fingerprint}`, entry]))
  return [...latest.values()].flatMap(({ source, alert }) => {
    const [row] = queryMain(
      dataDir,
      'select status, starts_at from alert where source = ? and fingerprint = ? order by starts_at desc limit 1',
      source,
      alert.fingerprint,
    )
    const wanted = { status: alert.status, starts_at: Date.parse(alert.startsAt) }
    if (row?.['status'] === wanted.status && row['starts_at'] === wanted.starts_at) return []
    return [`I4: last acknowledged of ${alert.fingerprint}: ${JSON.stringify(wanted)}, stored: ${JSON.stringify(row)}`]
  })
}
