import { createServer, type Server } from 'node:http'

/** Label values of one time series. */
export type SeriesLabels = Readonly<Record<string, string>>

/** A scrape target whose gauges a test sets by hand; Prometheus sees the change at its next scrape. */
export class MetricTarget {
  readonly #series = new Map<string, number>()
  readonly #server: Server
  #scrapes = 0

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.#scrapes += 1
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end([...this.#series].map(([series, value]) => `${series} ${value}\n`).join(''))
    })
  }

  static async start(): Promise<MetricTarget> {
    const target = new MetricTarget()
    await new Promise<void>((resolve) => target.#server.listen(0, '127.0.0.1', resolve))
    return target
  }

  /** `host:port`, as a scrape configuration wants it. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** How often Prometheus has come by. */
  get scrapes(): number {
    return this.#scrapes
  }

  set(name: string, value: number, labels: SeriesLabels = {}): void {
    this.#series.set(seriesName(name, labels), value)
  }

  /** Removes one series, as when a machine disappears. */
  remove(name: string, labels: SeriesLabels = {}): void {
    this.#series.delete(seriesName(name, labels))
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function seriesName(name: string, labels: SeriesLabels): string {
  const pairs = Object.entries(labels).map(([key, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    return `${key}="${escaped}"`
  })
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}
