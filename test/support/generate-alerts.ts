/** Labels or annotations of an alert. */
export type StringMap = Readonly<Record<string, string>>

/** One alert as Alertmanager's webhook carries it. */
export interface WebhookAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: StringMap
  readonly annotations: StringMap
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
  readonly fingerprint: string
}

/** The body of one Alertmanager webhook request, version 4. */
export interface WebhookBody {
  readonly version: '4'
  readonly groupKey: string
  readonly truncatedAlerts: number
  readonly status: 'firing' | 'resolved'
  readonly receiver: string
  readonly groupLabels: StringMap
  readonly commonLabels: StringMap
  readonly commonAnnotations: StringMap
  readonly externalURL: string
  readonly alerts: readonly WebhookAlert[]
}

/** What `endsAt` says while an alert has no end. */
export const NO_END = '0001-01-01T00:00:00Z'

const FNV_OFFSET = { high: 0xcbf29ce4, low: 0x84222325 }
const FNV_PRIME_LOW = 0x1b3
const SEPARATOR = Buffer.from([0xff])

/** A random number generator that repeats itself: the same seed gives the same numbers from 0 to below 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * The fingerprint of a label set as Alertmanager computes it: FNV-1a of 64 bits over the names,
 * sorted by their bytes, and the values, each followed by the byte 0xff.
 * Written apart from the product's own computation, so that tests compare two independent ones.
 */
export function fingerprintOf(labels: StringMap): string {
  // Two halves of 32 bits, since BigInt takes minutes for the storms of a hundred thousand alerts.
  let { high, low } = FNV_OFFSET
  const names = Object.keys(labels).map((name) => Buffer.from(name))
  for (const name of names.sort(Buffer.compare)) {
    const value = Buffer.from(labels[name.toString()] ?? '')
    for (const bytes of [name, SEPARATOR, value, SEPARATOR]) {
      for (const byte of bytes) {
        low = (low ^ byte) >>> 0
        const product = low * FNV_PRIME_LOW
        const carry = Math.floor(product / 2 ** 32)
        // The prime is 2^40 + 0x1b3: the first term moves the low half up by 8 bits.
        high = (Math.imul(high, FNV_PRIME_LOW) + carry + (low << 8)) >>> 0
        low = product % 2 ** 32
      }
    }
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

/** What an alert needs beside its labels; everything has a default. */
export interface AlertOptions {
  readonly labels: StringMap
  readonly annotations?: StringMap
  readonly startsAt?: Date
  /** Given, the alert is resolved. */
  readonly endsAt?: Date
}

/** Makes one alert of a webhook body with its true fingerprint. */
export function makeAlert(options: AlertOptions): WebhookAlert {
  const { labels, annotations = {}, startsAt = new Date('2026-11-21T03:14:20.819Z'), endsAt } = options
  return {
    status: endsAt === undefined ? 'firing' : 'resolved',
    labels,
    annotations,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt?.toISOString() ?? NO_END,
    generatorURL: 'http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    fingerprint: fingerprintOf(labels),
  }
}

/** The same alert, ended: what Alertmanager sends once when it clears. */
export function resolve(alert: WebhookAlert, endsAt: Date): WebhookAlert {
  return { ...alert, status: 'resolved', endsAt: endsAt.toISOString() }
}

/** How a webhook body is addressed and grouped. */
export interface BodyOptions {
  readonly groupLabels?: StringMap
  readonly receiver?: string
  readonly truncatedAlerts?: number
  readonly externalURL?: string
}

/** Puts alerts of one group into a webhook body, with the common labels and the status that follow from them. */
export function makeWebhookBody(alerts: readonly WebhookAlert[], options: BodyOptions = {}): WebhookBody {
  const { groupLabels = {}, receiver = 'nunchi', truncatedAlerts = 0 } = options
  const pairs = Object.entries(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return {
    version: '4',
    groupKey: `{}:{${pairs.sort().join(', ')}}`,
    truncatedAlerts,
    status: alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved',
    receiver,
    groupLabels,
    commonLabels: commonOf(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonOf(alerts.map((alert) => alert.annotations)),
    externalURL: options.externalURL ?? 'http://alertmanager.example.com:9093',
    alerts,
  }
}

function commonOf(maps: readonly StringMap[]): StringMap {
  const [first = {}, ...others] = maps
  const shared = Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value))
  return Object.fromEntries(shared)
}
