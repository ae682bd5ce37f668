import type { AlertEvent, AlertProblem } from '../domain/alert-event.ts'
import { fingerprintOfLabels } from '../domain/alert-fingerprint.ts'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'
import { slicePath } from './read-slice.ts'
import { healedReason, withHealedReason } from './reconcile/healed-delivery.ts'
import type { SourceRegistry } from './source-registry.ts'
import type { ReadableDelivery, Unreadable } from './sources/source-adapter.ts'

/**
 * Opens a delivery with the adapter of its source. Never throws: what an adapter throws by mistake becomes a
 * reason, so that one body cannot stop the line.
 */
export function openDelivery(delivery: StoredDelivery, sources: SourceRegistry): ReadableDelivery | Unreadable {
  const source = sources.find(delivery.source)
  if (!source)
    return {
      ok: false,
      reason: `No source named ${delivery.source} is configured any more. Add it back and replay this delivery.`,
    }
  if (delivery.bytesCut > 0) return oversizeAlert(delivery)
  try {
    const opened = source.adapter.open(
      { bytes: delivery.body, contentType: delivery.contentType, receivedAt: delivery.receivedAt },
      source.settings as never,
    )
    if (!opened.ok) return opened
    const healed = healedReason(delivery.contentType, delivery.source)
    const slice: ReadableDelivery['slice'] = (from, to) => {
      const { events, problems } = guarded(() => opened.slice(from, to), slicePath(from, to))
      return { events: withHealedReason(events, healed), problems }
    }
    return { ...opened, slice }
  } catch (error) {
    return {
      ok: false,
      reason: `The ${source.kind} adapter failed on it: ${messageOf(error)}. This is a bug of Nunchi; the delivery can be replayed after an upgrade.`,
    }
  }
}

function guarded(slice: () => { events: readonly AlertEvent[]; problems: readonly AlertProblem[] }, path: string) {
  try {
    return slice()
  } catch (error) {
    return {
      events: [],
      problems: [
        {
          path,
          reason: `The adapter failed on it: ${messageOf(error)}. This is a bug of Nunchi; it can be replayed after an upgrade.`,
          raw: '',
        },
      ],
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A body larger than the intake takes cannot be read, but people must hear that alerts are in it: it becomes an alert itself. */
function oversizeAlert(delivery: StoredDelivery): ReadableDelivery {
  const labels = { alertname: 'NunchiOversizeDelivery', severity: 'critical', source: delivery.source }
  const description = `A delivery of ${delivery.body.length + delivery.bytesCut} bytes from ${delivery.source} is larger than the intake takes; its alerts were not read. Lower max_alerts or group by more labels at the sender.`
  const event: AlertEvent = {
    fingerprint: fingerprintOfLabels(labels),
    status: 'firing',
    title: 'An oversize delivery could not be read',
    severity: 'critical',
    labels,
    annotations: { description },
    startsAtText: new Date(delivery.receivedAt).toISOString(),
    startsAt: delivery.receivedAt,
    endsAt: null,
    links: {},
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: {},
    raw: '',
  }
  const problem: AlertProblem = { path: '', reason: description, raw: '' }
  return { ok: true, alertCount: 1, remarks: [], slice: () => ({ events: [event], problems: [problem] }) }
}
