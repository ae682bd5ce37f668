import type { AlertEvent } from '../domain/alert-event.ts'
import type { DeliveryReader } from './delivery-log/delivery-log.ts'
import { openDelivery } from './read-delivery.ts'
import { readSlice } from './read-slice.ts'
import type { SourceRegistry } from './source-registry.ts'

/** Which alert of which delivery. */
export interface WantedAlert {
  readonly seq: number
  /** Where it was in the delivery. */
  readonly index: number
  /** As it is stored: the beginning of a long one. */
  readonly fingerprint: string
  readonly startsAt: number
}

/** Larger bodies are not opened for one look at one alert: scanning them would hold up everybody else. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * The sender's own JSON of one alert, read again from the delivery log. Null when the body is no longer there (retention),
 * its source is not configured any more, or it is too large to be opened for a look.
 */
export async function rawAlertOf(
  reader: Pick<DeliveryReader, 'get'>,
  sources: SourceRegistry,
  wanted: WantedAlert,
): Promise<string | null> {
  const delivery = await reader.get(wanted.seq)
  if (delivery === null || delivery.body.length > MOST_BYTES) return null
  const opened = openDelivery(delivery, sources)
  if (!opened.ok) return null
  const { events } = readSlice(delivery, opened, 0, opened.alertCount)
  const isSame = ({ event }: { readonly event: AlertEvent }): boolean =>
    event.fingerprint.startsWith(wanted.fingerprint) && event.startsAt === wanted.startsAt
  const found = events.find((each) => each.index === wanted.index && isSame(each)) ?? events.find(isSame)
  return found?.event.raw ?? null
}
