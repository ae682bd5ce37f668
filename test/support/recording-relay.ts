import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'

/** One request that went through, and how it was answered. */
export interface RelayedCall {
  readonly path: string
  /** Null: the receiver broke off. */
  readonly status: number | null
  readonly requestBytes: number
  readonly durationMs: number
  /** The beginning of the answer. */
  readonly answer: string
}

const ANSWER_KEPT = 4_096

/** Stands between a sender and the product and remembers every answer: senders themselves do not tell. */
export class RecordingRelay {
  readonly calls: RelayedCall[] = []
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly #targetPort: number
  readonly #server: Server

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing))
    // A storm opens thousands of connections at once; the default of 511 would turn some away.
    this.#server.maxConnections = 50_000
  }

  static async start(targetPort: number): Promise<RecordingRelay> {
    const relay = new RecordingRelay(targetPort)
    await new Promise<void>((resolve) => relay.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve))
    return relay
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  /** How often each status was answered; `broken` counts those without one. */
  get statuses(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { status } of this.calls) counts[status ?? 'broken'] = (counts[status ?? 'broken'] ?? 0) + 1
    return counts
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const before = performance.now()
    const path = incoming.url ?? '/'
    let requestBytes = 0
    incoming.on('data', (chunk: Buffer) => {
      requestBytes += chunk.length
    })
    const note = (status: number | null, answer: string) =>
      this.calls.push({ path, status, requestBytes, durationMs: performance.now() - before, answer })
    const { method, headers } = incoming
    const upstream = request(
      { host: '127.0.0.1', port: this.#targetPort, method, path, headers, agent: this.#agent },
      (answer) => {
        const kept: Buffer[] = []
        answer.on('data', (chunk: Buffer) => kept.push(chunk))
        answer.on('end', () => note(answer.statusCode ?? null, Buffer.concat(kept).toString().slice(0, ANSWER_KEPT)))
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    upstream.on('error', (error) => {
      note(null, String(error))
      outgoing.destroy()
    })
    incoming.on('error', () => upstream.destroy())
    incoming.pipe(upstream)
  }
}
