import type { AckedAlert } from './check-invariants.ts'
import type { ProductPlace } from './product-place.ts'
import { queryMain } from './query-product.ts'

/**
 * Compares the stored state of each alert with the last one that was acknowledged. Only for senders that send the states
 * of one alert one after another; two that race have no last state.
 */
export async function findStaleAlerts(place: ProductPlace, acked: readonly AckedAlert[]): Promise<readonly string[]> {
  const latest = new Map(acked.map((entry) => [`${entry.source}/${entry.alert.fingerprint}`, entry]))
  const episodes = await queryMain(place, 'select source, fingerprint, status, starts_at from alert order by starts_at')
  const stored = new Map(
    episodes.map(({ source, fingerprint, status, starts_at }) => [`${source}/${fingerprint}`, { status, starts_at }]),
  )
  return [...latest].flatMap(([key, { alert }]) => {
    const row = stored.get(key)
    const wanted = { status: alert.status, starts_at: Date.parse(alert.startsAt) }
    if (row?.status === wanted.status && row.starts_at === wanted.starts_at) return []
    return [`I4: last acknowledged of ${alert.fingerprint}: ${JSON.stringify(wanted)}, stored: ${JSON.stringify(row)}`]
  })
}
