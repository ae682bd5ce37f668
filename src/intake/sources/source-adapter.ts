import type { AlertEvent, AlertProblem } from '../../domain/alert-event.ts'

/**
 * One inbound request as its source adapter sees it. Nothing is promised of the bytes, except that they are no longer
 * compressed: an adapter scans them (`json-scan.ts`), which bounds nesting and counts, before it parses any of them.
 */
export interface DeliveryBody {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** Milliseconds since 1970; stands in where a sender gave no time. */
  readonly receivedAt: number
}

/** What an adapter made of a delivery, or of a slice of its alerts. */
export interface ParsedAlerts {
  readonly events: readonly AlertEvent[]
  readonly problems: readonly AlertProblem[]
}

/** The delivery as a whole cannot be read; `reason` names what is wrong and what to send instead. */
export interface Unreadable {
  readonly ok: false
  readonly reason: string
}

/** A readable delivery: how many alerts it holds, and a way to read them a slice at a time. */
export interface ReadableDelivery {
  readonly ok: true
  readonly alertCount: number
  /** Facts about the delivery that people should see, such as `12 alerts were cut by max_alerts`. */
  readonly remarks: readonly string[]
  /**
   * Parses the alerts [from, to). One alert that cannot be read is a problem, never an exception, and an alert may
   * mean nothing at all: events and problems together can be fewer than the slice. Pure.
   */
  readonly slice: (from: number, to: number) => ParsedAlerts
}

/**
 * Turns what one kind of sender sends into our events. An adapter is pure: no clock, no network, no database.
 * It owns its folder: parsing, settings schema, samples, tests.
 */
export interface SourceAdapter<Settings = unknown> {
  readonly kind: string
  /** Labels or fields whose values make the correlation key, unless the source is configured otherwise. */
  readonly correlationDefaults: readonly string[]
  /**
   * Names what a delivery is about, without reading it: those of one group are folded one after another. Null or absent: each by
   * itself. Looks at a bounded part of the bytes, and never throws.
   */
  readonly groupOf?: (bytes: Uint8Array) => string | null
  readonly open: (body: DeliveryBody, settings: Settings) => ReadableDelivery | Unreadable
}
