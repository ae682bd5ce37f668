import { setTimeout as sleep } from 'node:timers/promises'
import type { AlertKeys } from '../incidents/incidents-of-alerts-queries.ts'
import { incidentsOfAlerts } from '../incidents/incidents-of-alerts-queries.ts'
import { isFolded } from '../intake/folded-position.ts'
import { rootMessagesOf } from '../notify/root-message-queries.ts'
import type { HttpDeps } from './http-deps.ts'

const FIRST_POLL_MS = 15
const LONGEST_POLL_MS = 50
/** Whoever comes beyond this is not waited for: a storm of waiters would be a storm of queries. */
const MOST_WAITING = 64

/** A stored delivery whose threads somebody waits for. */
export interface AwaitedDelivery {
  readonly tenantId: string
  readonly seq: number
  readonly alerts: readonly AlertKeys[]
}

/** Waits for the threads of alerts; counts who waits. One per server. */
export class ThreadWait {
  readonly #deps: Pick<HttpDeps, 'db' | 'log' | 'threadChannelId' | 'alertWaitMs'>
  #waiting = 0

  constructor(deps: Pick<HttpDeps, 'db' | 'log' | 'threadChannelId' | 'alertWaitMs'>) {
    this.#deps = deps
  }

  /**
   * The thread of each alert, in order: null where none is there after `alertWaitMs` (chat is slow or down), where a person
   * must first repair the channel, where a digest tells it, or where no channel has threads. Never rejects: the alerts are safe whatever happens here.
   */
  async threadsOf(delivery: AwaitedDelivery): Promise<readonly (string | null)[]> {
    const none = delivery.alerts.map(() => null)
    const { threadChannelId, alertWaitMs } = this.#deps
    if (threadChannelId === null || delivery.alerts.length === 0 || this.#waiting >= MOST_WAITING) return none
    this.#waiting++
    try {
      const deadline = performance.now() + alertWaitMs
      if (!(await this.#untilFolded(delivery.seq, deadline))) return none
      return await this.#untilPosted(delivery, threadChannelId, deadline)
    } catch {
      // The database does not answer now: the threads are not known, which is all that this can say.
      return none
    } finally {
      this.#waiting--
    }
  }

  async #untilFolded(seq: number, deadline: number): Promise<boolean> {
    const partition = this.#deps.log.partitionOf(seq)
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
      if (await isFolded(this.#deps.db, partition, seq)) return true
      if (performance.now() + pauseMs >= deadline) return false
      await sleep(pauseMs)
    }
  }

  async #untilPosted(
    { tenantId, alerts }: AwaitedDelivery,
    channelId: string,
    deadline: number,
  ): Promise<readonly (string | null)[]> {
    const incidentIds = await incidentsOfAlerts(this.#deps.db, tenantId, alerts)
    const threads = new Map<string, string | null>()
    for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(LONGEST_POLL_MS, pauseMs * 1.5)) {
      const open = [...new Set(incidentIds)].filter((id): id is string => id !== null && !threads.has(id))
      for (const [id, root] of await rootMessagesOf(this.#deps.db, tenantId, channelId, open)) {
        if (root.kind === 'posted') threads.set(id, root.id)
        if (root.kind === 'blocked' || root.kind === 'digested') threads.set(id, null)
      }
      const isComplete = open.every((id) => threads.has(id))
      if (isComplete || performance.now() + pauseMs >= deadline)
        return incidentIds.map((id) => (id === null ? null : (threads.get(id) ?? null)))
      await sleep(pauseMs)
    }
  }
}
