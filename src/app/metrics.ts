import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { DeliveryCounts, receivedOf } from './delivery-counts.ts'
import { joinExpositions } from './join-expositions.ts'
import { readStoredFacts, type StoredFacts, type StoredFactsDeps } from './read-stored-facts.ts'

export interface MetricsDeps extends StoredFactsDeps {
  readonly version: string
  /** Names of the configured sources: they are there from the first scrape on. */
  readonly sources: readonly string[]
  readonly now: () => number
}

const FACTS_AGE_MS = 1000
const FACTS_WAIT_MS = 5000
const ACCEPT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the thread that answers HTTP counts, and what the database knows, as Prometheus text. One per process. */
export class Metrics {
  readonly deliveries: DeliveryCounts
  readonly #deps: MetricsDeps
  readonly #registry = new Registry()
  readonly #acceptSeconds: Histogram
  readonly #stored: StoredMetrics
  #facts: { readonly at: number; readonly done: Promise<void> } | null = null

  constructor(deps: MetricsDeps) {
    this.#deps = deps
    this.deliveries = new DeliveryCounts(deps.sources)
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    new Gauge({
      name: 'nunchi_build_info',
      help: 'The version that runs; always 1.',
      labelNames: ['version'],
      registers,
    }).set({ version: deps.version }, 1)
    this.#acceptSeconds = new Histogram({
      name: 'nunchi_accept_duration_seconds',
      help: 'From the headers of a delivery to its durable commit.',
      buckets: ACCEPT_BUCKETS,
      registers,
    })
    registerDeliveryCounters(this.deliveries, registers)
    this.#stored = createStoredMetrics(registers)
  }

  /** Notes how long a delivery took from its headers to its durable commit. */
  accepted(seconds: number): void {
    this.#acceptSeconds.observe(seconds)
  }

  /** Adds a gauge that is read when it is scraped. */
  addGauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** Adds a gauge with a value for each source that `read` knows when it is scraped. */
  addSourceGauge(name: string, help: string, read: () => Iterable<readonly [source: string, value: number]>): void {
    new Gauge({
      name,
      help,
      labelNames: ['source'],
      registers: [this.#registry],
      collect() {
        for (const [source, value] of read()) this.set({ source }, value)
      },
    })
  }

  /** Everything as one document, with what `others` (other threads) say. Answers even when the database does not. */
  async text(others: readonly string[] = []): Promise<string> {
    await this.#refresh()
    return joinExpositions([await this.#registry.metrics(), ...others])
  }

  /** However often it is scraped, the database is asked once a second. */
  async #refresh(): Promise<void> {
    const now = this.#deps.now()
    if (!this.#facts || Math.abs(now - this.#facts.at) >= FACTS_AGE_MS)
      this.#facts = { at: now, done: this.#readFacts() }
    await this.#facts.done
  }

  async #readFacts(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), FACTS_WAIT_MS)
    })
    // A metric that says so is how people hear of a database that does not answer.
    const facts = await Promise.race([readStoredFacts(this.#deps).catch(() => null), late])
    clearTimeout(timer)
    this.#stored.set(facts)
  }
}

function registerDeliveryCounters(counts: DeliveryCounts, registers: Registry[]): void {
  new Counter({
    name: 'nunchi_deliveries_received_total',
    help: 'Deliveries whose fate is known, since the start of this process: stored + refused.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset()
      for (const [source, count] of counts.all()) this.inc({ source }, receivedOf(count))
    },
  })
  new Counter({
    name: 'nunchi_deliveries_stored_total',
    help: 'Deliveries that are on disk and were answered 2xx.',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset()
      for (const [source, { stored }] of counts.all()) this.inc({ source }, stored)
    },
  })
  new Counter({
    name: 'nunchi_deliveries_refused_total',
    help: 'Deliveries that were not stored, by reason.',
    labelNames: ['source', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const [source, { refused }] of counts.all())
        for (const [reason, count] of refused) this.inc({ source, reason }, count)
    },
  })
}

interface StoredMetrics {
  /** Null: the database did not answer; its metrics are left out then, instead of being old. */
  readonly set: (facts: StoredFacts | null) => void
}

/** Metrics of what is stored: they survive restarts and are the same on every node. */
function createStoredMetrics(registers: Registry[]): StoredMetrics {
  const up = new Gauge({
    name: 'nunchi_database_up',
    help: 'Whether the database and the delivery log answered this scrape.',
    registers,
  })
  const ledger = createLedgerMetrics(registers)
  const incidents = new Gauge({
    name: 'nunchi_open_incidents',
    help: 'Open incidents.',
    labelNames: ['status', 'severity'],
    registers,
  })
  const jobs = new Gauge({
    name: 'nunchi_jobs',
    help: 'Jobs by state and lane; dead ones wait for a person.',
    labelNames: ['state', 'lane'],
    registers,
  })
  const plain = (name: string, help: string) => new Gauge({ name, help, labelNames: [], registers })
  const lag = plain('nunchi_delivery_log_lag', 'Deliveries that are stored and not yet folded.')
  const deferred = plain('nunchi_large_deliveries_waiting', 'Large deliveries that are being folded in slices.')
  const bytes = plain('nunchi_delivery_log_bytes', 'What the delivery log takes on disk.')
  const quarantine = plain('nunchi_quarantine_open', 'Alerts and deliveries in quarantine that nobody has replayed.')
  return {
    set(facts) {
      up.set(facts ? 1 : 0)
      for (const metric of [incidents, jobs, lag, deferred, bytes, quarantine]) metric.reset()
      ledger.set(facts?.ledger ?? [])
      if (!facts) return [lag, deferred, bytes, quarantine].forEach((metric) => metric.remove())
      for (const { status, severity, count } of facts.openIncidents) incidents.set({ status, severity }, count)
      for (const { state, lane, count } of facts.jobs) jobs.set({ state, lane }, count)
      lag.set(facts.logLag)
      deferred.set(facts.deferred)
      bytes.set(facts.logBytes)
      quarantine.set(facts.openQuarantine)
    },
  }
}

function createLedgerMetrics(registers: Registry[]): { readonly set: (ledger: StoredFacts['ledger']) => void } {
  const folded = new Counter({
    name: 'nunchi_deliveries_folded_total',
    help: 'Deliveries that were read from the log.',
    labelNames: ['source'],
    registers,
  })
  const read = new Counter({
    name: 'nunchi_events_read_total',
    help: 'Alert events found in deliveries: linked + suppressed + quarantined.',
    labelNames: ['source'],
    registers,
  })
  const events = new Counter({
    name: 'nunchi_events_total',
    help: 'Alert events by what became of them. A replay moves events from quarantined to another fate.',
    labelNames: ['source', 'fate'],
    registers,
  })
  const last = new Gauge({
    name: 'nunchi_source_last_delivery_timestamp_seconds',
    help: 'When the newest folded delivery arrived.',
    labelNames: ['source'],
    registers,
  })
  return {
    set(ledger) {
      for (const metric of [folded, read, events, last]) metric.reset()
      for (const row of ledger) {
        const { source } = row
        folded.inc({ source }, Number(row.deliveries))
        read.inc({ source }, Number(row.events_read))
        events.inc({ source, fate: 'linked' }, Number(row.events_linked))
        events.inc({ source, fate: 'suppressed' }, Number(row.events_suppressed))
        events.inc({ source, fate: 'quarantined' }, Number(row.events_quarantined))
        last.set({ source }, Number(row.last_received_at) / 1000)
      }
    },
  }
}
