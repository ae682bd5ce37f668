import type { ServerResponse } from 'node:http'

/** One event of the stream, as the browser's `EventSource` reads it. */
export interface LiveEvent {
  /** Becomes `Last-Event-ID` when the client comes back. */
  readonly id: number
  readonly name: 'incident' | 'heartbeat' | 'resync'
  readonly data: unknown
}

export interface LiveClientOptions {
  readonly response: ServerResponse
  /** What the client had seen when it came; null = it is new. */
  readonly lastEventId: number | null
  /** Asked now and then: credentials may have been revoked meanwhile. */
  readonly isStillWelcome: () => Promise<boolean>
}

/** A client that reads slower than this is cut off: it comes back with `Last-Event-ID` and misses nothing. */
const MOST_BUFFERED_BYTES = 1024 * 1024

/** One reader of the live stream. */
export class LiveClient {
  /** Everything up to here was sent to it. */
  position: number | null
  readonly isStillWelcome: () => Promise<boolean>
  readonly #response: ServerResponse

  constructor({ response, lastEventId, isStillWelcome }: LiveClientOptions) {
    this.#response = response
    this.position = lastEventId
    this.isStillWelcome = isStillWelcome
  }

  get isGone(): boolean {
    return this.#response.destroyed || this.#response.writableEnded
  }

  /** Sends events, or cuts the client off when it does not keep up. */
  send(events: readonly LiveEvent[]): void {
    if (this.isGone || events.length === 0) return
    this.#response.write(events.map(textOf).join(''))
    if (this.#response.writableLength > MOST_BUFFERED_BYTES) this.#response.destroy()
  }

  end(): void {
    this.#response.end()
  }
}

/** JSON has no line breaks of its own, so one `data:` line is enough whatever the text. */
function textOf({ id, name, data }: LiveEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
