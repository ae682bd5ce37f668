import type { Logger } from 'pino'
import { isoTime } from '../../domain/iso-time.ts'
import { type LiveChange, readLiveChanges } from '../../incidents/live-changes.ts'
import { feedSpan } from '../../store/change-feed-queries.ts'
import type { Db } from '../../store/database.ts'
import type { LiveClient, LiveEvent } from './live-client.ts'

export interface LiveFeedOptions {
  readonly db: Db
  readonly tenantId: string
  readonly logger: Logger
  readonly now: () => number
  readonly onCommitted: (listener: () => void) => () => void
  readonly heartbeatMs?: number
  readonly mostClients?: number
}

/** Who is further behind than this asks for the list anew: cheaper than telling it every step. */
const MOST_BEHIND = 1000
const MOST_CLIENTS = 256
const HEARTBEAT_MS = 15_000
/** Other nodes and other processes commit too, and nobody wakes us for those. */
const POLL_MS = 1_000
/** In a storm commits come by the hundred a second; people need to see a few of them. */
const SHORTEST_PAUSE_MS = 100
/** After a resync everybody fetches lists: give them time for it. */
const PAUSE_AFTER_RESYNC_MS = 2_000

/**
 * The live stream: one reader of the change feed for all clients. Everything happens in rounds, one after another: admit who
 * came, read what is new, tell everybody. It rests while nobody listens.
 *
 * | a client comes with | it gets |
 * |---|---|
 * | nothing | a heartbeat with the newest id, then what follows |
 * | an id | what it missed, then what follows |
 * | an id too old, trimmed, or never given out | `resync`, then what follows |
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions
  readonly #clients = new Set<LiveClient>()
  readonly #waiting = new Set<LiveClient>()
  readonly #stopListening: () => void
  #position: number | null = null
  #isClosed = false
  #round: Promise<void> | null = null
  #timer: NodeJS.Timeout | null = null
  #heartbeat: NodeJS.Timeout | null = null
  #restUntil = 0

  constructor(options: LiveFeedOptions) {
    this.#options = options
    this.#stopListening = options.onCommitted(() => this.wake())
  }

  /** Whether one more client may come. */
  get hasRoom(): boolean {
    return !this.#isClosed && this.#clients.size + this.#waiting.size < (this.#options.mostClients ?? MOST_CLIENTS)
  }

  get clientCount(): number {
    return this.#clients.size + this.#waiting.size
  }

  /** Takes a client in; it is told everything until it leaves or cannot keep up. */
  join(client: LiveClient): void {
    // Whoever comes to a resting feed begins at what is newest now.
    if (this.clientCount === 0) this.#position = null
    this.#waiting.add(client)
    this.#heartbeat ??= setInterval(() => void this.#beat(), this.#options.heartbeatMs ?? HEARTBEAT_MS)
    this.#schedule(0)
  }

  leave(client: LiveClient): void {
    this.#waiting.delete(client)
    this.#clients.delete(client)
    if (this.clientCount === 0) this.#rest()
  }

  /** Something was committed: look soon. */
  wake(): void {
    if (this.clientCount > 0) this.#schedule(Math.max(SHORTEST_PAUSE_MS, this.#restUntil - performance.now()))
  }

  /** Ends every stream and waits for the round under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopListening()
    for (const client of [...this.#clients, ...this.#waiting]) client.end()
    this.#clients.clear()
    this.#waiting.clear()
    this.#rest()
    await this.#round
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    this.#timer = null
    this.#heartbeat = null
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  #dueAt = Number.POSITIVE_INFINITY

  /** Makes the next round no later than this. During a round it only notes the wish. */
  #schedule(inMs: number): void {
    const at = performance.now() + inMs
    if (this.#isClosed || at >= this.#dueAt) return
    this.#dueAt = at
    if (this.#round === null) this.#arm()
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#dueAt = Number.POSITIVE_INFINITY
        this.#round = this.#runRound().finally(() => {
          this.#round = null
          if (this.#isClosed || this.clientCount === 0) return
          this.#dueAt = Math.min(this.#dueAt, Math.max(performance.now() + POLL_MS, this.#restUntil))
          this.#arm()
        })
      },
      Math.max(0, this.#dueAt - performance.now()),
    )
  }

  async #runRound(): Promise<void> {
    try {
      for (const client of [...this.#waiting]) await this.#admit(client)
      if (this.#clients.size > 0) await this.#tellNews()
    } catch (error) {
      // The database may be away for a while: clients stay, and the next round tries again.
      this.#options.logger.warn({ err: error }, 'the live stream could not read the change feed')
    }
  }

  async #admit(client: LiveClient): Promise<void> {
    const { db, tenantId } = this.#options
    const span = await feedSpan(db, tenantId)
    if (!this.#waiting.has(client)) return
    this.#position ??= span.newest
    const from = client.position ?? this.#position
    const isLost = from > span.newest || from + 1 < span.oldest || this.#position - from > MOST_BEHIND
    client.position = isLost ? this.#position : from
    client.send([isLost ? this.#resync(client.position) : this.#heartbeatAt(client.position)])
    if (!isLost && from < this.#position) {
      const missed = await readLiveChanges(db, tenantId, from, this.#position - from)
      tell(client, missed.changes, missed.position)
    }
    if (this.#waiting.delete(client)) this.#clients.add(client)
  }

  async #tellNews(): Promise<void> {
    const { db, tenantId } = this.#options
    const from = this.#position
    if (from === null) return
    const news = await readLiveChanges(db, tenantId, from, MOST_BEHIND)
    this.#position = news.isMore ? (await feedSpan(db, tenantId)).newest : news.position
    for (const client of this.#clients) {
      if (news.isMore) this.#startAnew(client, this.#position)
      else tell(client, news.changes, news.position)
    }
    if (news.isMore) this.#restUntil = performance.now() + PAUSE_AFTER_RESYNC_MS
  }

  #startAnew(client: LiveClient, position: number): void {
    client.position = position
    client.send([this.#resync(position)])
  }

  async #beat(): Promise<void> {
    for (const client of [...this.#clients]) {
      if (client.isGone) this.leave(client)
      else if (await client.isStillWelcome()) client.send([this.#heartbeatAt(client.position ?? 0)])
      else client.end()
    }
  }

  #heartbeatAt(id: number): LiveEvent {
    return { id, name: 'heartbeat', data: { at: isoTime(this.#options.now()) } }
  }

  #resync(id: number): LiveEvent {
    return { id, name: 'resync', data: { reason: 'Too much has changed since: fetch what you show anew.' } }
  }
}

/** Tells one client what it does not know yet. */
function tell(client: LiveClient, changes: readonly LiveChange[], position: number): void {
  const known = client.position ?? 0
  client.send(changes.filter(({ seq }) => seq > known).map(({ seq, ...data }) => ({ id: seq, name: 'incident', data })))
  client.position = Math.max(known, position)
}
