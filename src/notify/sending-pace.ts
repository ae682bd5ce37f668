import type { QueuePause } from '../jobs/claim-due-jobs.ts'
import type { Db } from '../store/database.ts'
import type { Channel } from './channel.ts'
import { pauseBudget, takeToken } from './rate-budget-repository.ts'
import { queueOfChannel } from './routing.ts'

export interface SendingPaceOptions {
  readonly db: Db
  readonly tenantId: string
  readonly now: () => number
  readonly random: () => number
}

const SHORTEST_DEBOUNCE_MS = 1_000
const LONGEST_DEBOUNCE_MS = 60_000

/**
 * How fast receivers are spoken to: token buckets for new messages per channel and for edits per account, kept in the
 * database so that all nodes draw from the same; and which queues must wait meanwhile, which each node learns by asking for a token once.
 */
export class SendingPace {
  readonly #options: SendingPaceOptions
  readonly #pauses = new Map<string, QueuePause>()
  /** Roots that wait to be edited, by budget: their number decides how long the next one waits. */
  readonly #waitingEdits = new Map<string, Set<string>>()

  constructor(options: SendingPaceOptions) {
    this.#options = options
  }

  /** 0: a new message may go to this channel now. Otherwise how many ms to wait; its queue waits by itself. */
  async takePost(channel: Channel, isUrgent: boolean): Promise<number> {
    if (channel.pace === null) return 0
    const queue = queueOfChannel(channel.id)
    const waitMs = await this.#take(queue, channel.pace, isUrgent)
    if (waitMs > 0) this.#pauseQueue(queue, { until: this.#options.now() + waitMs, sparesUrgent: !isUrgent })
    return waitMs
  }

  /**
   * 0: this root may be edited now. Otherwise how many ms to wait: the more roots wait, the longer, so that each edit
   * shows more changes at once (1 s when calm, 60 s at the most).
   */
  async takeEdit(channel: Channel, rootKey: string, isUrgent: boolean): Promise<number> {
    const { editPace } = channel
    if (editPace === undefined) return 0
    const waiting = this.#waitingEdits.get(editPace.budget) ?? new Set()
    this.#waitingEdits.set(editPace.budget, waiting)
    const waitMs = await this.#take(`edits:${editPace.budget}`, editPace, isUrgent)
    if (waitMs === 0) {
      waiting.delete(rootKey)
      return 0
    }
    waiting.add(rootKey)
    const drainMs = (waiting.size / editPace.perSecond) * 1000 * (0.75 + this.#options.random() / 2)
    return Math.max(waitMs, Math.min(LONGEST_DEBOUNCE_MS, Math.max(SHORTEST_DEBOUNCE_MS, drainMs)))
  }

  /** Nothing goes to this channel before `until` (ms since 1970), from any node: its receiver asked for it. */
  async pauseChannel(channelId: string, until: number): Promise<void> {
    const { db, tenantId, now } = this.#options
    const queue = queueOfChannel(channelId)
    this.#pauseQueue(queue, { until, sparesUrgent: false })
    await pauseBudget(db, { tenantId, id: queue, until, now: now() })
  }

  /** No root of this account is edited before `until`. New messages go on: they are counted apart. */
  async pauseEdits(budget: string, until: number): Promise<void> {
    const { db, tenantId, now } = this.#options
    await pauseBudget(db, { tenantId, id: `edits:${budget}`, until, now: now() })
  }

  /** Queues that must wait, and until when. */
  paused(): ReadonlyMap<string, QueuePause> {
    return this.#pauses
  }

  async #take(id: string, pace: { readonly perSecond: number; readonly burst: number }, isUrgent: boolean) {
    const { db, tenantId, now } = this.#options
    return await takeToken(db, { tenantId, id, pace, isUrgent, now: now() })
  }

  #pauseQueue(queue: string, pause: QueuePause): void {
    const known = this.#pauses.get(queue)
    const isOver = known === undefined || known.until <= this.#options.now()
    if (isOver || (known.sparesUrgent && !pause.sparesUrgent) || known.until < pause.until)
      this.#pauses.set(queue, pause)
  }
}
