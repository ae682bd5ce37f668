import type { JobKind, JobPayloads } from '../domain/job-payloads.ts'
import { crashPoint } from '../store/crash-point.ts'
import type { Db } from '../store/database.ts'
import { capabilitiesOf } from '../store/dialects/engine-capabilities.ts'
import { inTransaction } from '../store/transaction.ts'
import {
  type ClaimedJob,
  type ClaimRequest,
  type ClosedQueues,
  claimDueJobs,
  claimDueJobsTx,
  nextDueAt,
  type QueuePause,
} from './claim-due-jobs.ts'
import { DEFAULT_RETRY, extendLease, type FinishContext, finishJob, type JobOutcome } from './finish-job.ts'
import { releaseExpiredLeases } from './release-leases.ts'

/** Does one job. Throwing is a failure to be retried; an expected refusal is an outcome. `signal` ends when the worker stops or the lease is lost. */
export type JobHandler<K extends JobKind> = (
  job: ClaimedJob & { readonly payload: JobPayloads[K] },
  signal: AbortSignal,
) => Promise<JobOutcome>

export type JobHandlers = { readonly [K in JobKind]: JobHandler<K> }

export interface WorkerOptions {
  readonly db: Db
  readonly handlers: JobHandlers
  readonly owner: string
  readonly now: () => number
  readonly random: () => number
  /** Most jobs in flight at once. */
  readonly concurrency: number
  readonly leaseMs: number
  /** Queues that must wait now, and until when (ms). Asked before every claim. */
  readonly pausedQueues: () => ReadonlyMap<string, QueuePause>
  readonly onFailure: (job: ClaimedJob, reason: string, isDead: boolean) => void
  /** Something outside the handlers failed (the database): the worker goes on after a pause. */
  readonly onFault: (error: unknown) => void
}

/** Within a process `wake` says that something is due; what another node ordered is found by looking. */
const LONGEST_SLEEP_MS = { one: 1000, many: 250 } as const
/** What is due and cannot be had is being stored or taken by another node at this moment. */
const SHORTEST_SLEEP_MS = { one: 1, many: 20 } as const
const PAUSE_AFTER_FAULT_MS = 500

/** How often it is looked for jobs whose holders died: leases are long, and a busy worker claims many times a second. */
const RELEASE_EVERY_MS = 1000

/** A run whose outcome is not written yet. */
interface EndedRun {
  readonly job: ClaimedJob
  readonly outcome: JobOutcome
  /** Says whether it was still ours to end. */
  readonly written: (held: boolean) => void
  readonly failed: (error: unknown) => void
}

/**
 * Runs due jobs until closed: most urgent lane first, jobs of one queue one after another, leases extended
 * while a handler works. `wake()` says that something may be due now. How a run ended is written in the
 * transaction that claims the next ones: on a busy queue a job costs one commit of the worker's, not two.
 */
export class JobWorker {
  readonly #options: WorkerOptions
  readonly #running = new Map<string, { job: ClaimedJob; done: Promise<void> }>()
  #ended: EndedRun[] = []
  readonly #stop = new AbortController()
  #wakeUp: (() => void) | null = null
  #isAwake = false
  #releasedAt = 0
  #loop: Promise<void> | null = null

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  wake(): void {
    this.#isAwake = true
    this.#wakeUp?.()
  }

  /** Stops claiming, gives running handlers `graceMs` to end by themselves, then aborts them; their leases run out and others take over. */
  async close(graceMs = 4000): Promise<void> {
    this.#isClosing = true
    this.wake()
    const ended = this.#untilEnded()
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
    this.#stop.abort()
    await ended
  }

  /** Runs everything that is due at this moment, and what becomes due by it; for tests with a clock of their own. */
  async drain(): Promise<number> {
    let total = 0
    for (;;) {
      const claimed = await this.#claim()
      if (claimed === 0 && this.#running.size === 0) return total
      total += claimed
      if (this.#ended.length === 0) await new Promise<void>((resolve) => (this.#wakeUp = resolve))
    }
  }

  #isClosing = false

  /** A claim that is under way while it closes may still bring jobs: what runs is known when the loop is over. */
  async #untilEnded(): Promise<void> {
    await this.#loop
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done))
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      try {
        this.#isAwake = false
        // Jobs that wait for nothing but the database are done within promises alone: however many are due, the other
        // work of this thread (timers, answers, deliveries to fold) has its turn between two claims.
        await nextTurn()
        const claimed = await this.#claim()
        const sleepMs = claimed === 0 && !this.#isAwake ? await this.#sleepMs() : 0
        if (sleepMs > 0 && !this.#isAwake) await this.#sleep(sleepMs)
      } catch (error) {
        this.#options.onFault(error)
        await this.#sleep(PAUSE_AFTER_FAULT_MS)
      }
    }
    await this.#endAndClaim(0)
  }

  async #claim(): Promise<number> {
    const { concurrency } = this.#options
    const free = concurrency - this.#running.size + this.#ended.length
    if (free <= 0) return 0
    await this.#releaseLost()
    const jobs = await this.#endAndClaim(free)
    for (const job of jobs) {
      crashPoint('after_claim')
      const key = keyOf(job)
      const done = this.#execute(job)
        .catch((error: unknown) => this.#options.onFault(error))
        .finally(() => this.#running.delete(key))
      this.#running.set(key, { job, done })
    }
    return jobs.length
  }

  async #releaseLost(): Promise<void> {
    const now = this.#options.now()
    // A clock that was set back must not keep the dead from being found.
    if (Math.abs(now - this.#releasedAt) < RELEASE_EVERY_MS) return
    await releaseExpiredLeases(this.#options.db, now)
    this.#releasedAt = now
  }

  /** Writes how runs ended and takes up to `limit` due jobs, in one commit. */
  async #endAndClaim(limit: number): Promise<readonly ClaimedJob[]> {
    const { db, now, leaseMs, owner } = this.#options
    const ended = this.#ended
    this.#ended = []
    for (const { job } of ended) this.#running.delete(keyOf(job))
    const request: ClaimRequest = { now: now(), limit, leaseMs, owner, closed: this.#closedQueues() }
    if (ended.length === 0) return limit === 0 ? [] : await claimDueJobs(db, request)
    try {
      const { held, claimed } = await inTransaction(db, async (tx) => {
        const held: boolean[] = []
        for (const { job, outcome } of ended) held.push(await finishJob(tx, job, outcome, this.#finishContext()))
        return { held, claimed: limit === 0 ? [] : await claimDueJobsTx(tx, request) }
      })
      ended.forEach(({ written }, i) => written(held[i] as boolean))
      return claimed
    } catch (error) {
      // Nothing was written: the leases run out, and the jobs run again.
      for (const { failed } of ended) failed(error)
      return []
    }
  }

  #finishContext(): FinishContext {
    const { now, random } = this.#options
    return { now: now(), random: random(), policy: DEFAULT_RETRY }
  }

  #closedQueues(): ClosedQueues {
    const busy = new Set<string>()
    const urgentOnly = new Set<string>()
    for (const [queue, { until, sparesUrgent }] of this.#options.pausedQueues())
      if (until > this.#options.now()) (sparesUrgent ? urgentOnly : busy).add(queue)
    for (const { job } of this.#running.values()) if (job.queue !== null) busy.add(job.queue)
    return { busy: [...busy], urgentOnly: [...urgentOnly] }
  }

  async #execute(job: ClaimedJob): Promise<void> {
    const { db, now, leaseMs } = this.#options
    const lost = new AbortController()
    const heartbeat = setInterval(() => {
      extendLease(db, job, now() + leaseMs).then(
        (held) => held || lost.abort(),
        (error: unknown) => this.#options.onFault(error),
      )
    }, leaseMs / 3)
    try {
      const outcome = await this.#outcomeOf(job, AbortSignal.any([this.#stop.signal, lost.signal]))
      const held = await this.#end(job, outcome)
      if (held && outcome.kind !== 'done') this.#report(job, outcome)
    } finally {
      clearInterval(heartbeat)
    }
  }

  /** Has the outcome written; false when the lease was lost meanwhile. */
  #end(job: ClaimedJob, outcome: JobOutcome): Promise<boolean> {
    // Nobody claims any more while closing.
    if (this.#isClosing) return finishJob(this.#options.db, job, outcome, this.#finishContext())
    return new Promise((written, failed) => {
      this.#ended.push({ job, outcome, written, failed })
      this.wake()
    })
  }

  #report(job: ClaimedJob, outcome: Exclude<JobOutcome, { kind: 'done' }>): void {
    const failedFor = this.#options.now() - (job.firstFailedAt ?? this.#options.now())
    this.#options.onFailure(
      job,
      outcome.reason,
      outcome.kind === 'give-up' || (outcome.counts && failedFor >= DEFAULT_RETRY.giveUpAfterMs),
    )
  }

  async #outcomeOf(job: ClaimedJob, signal: AbortSignal): Promise<JobOutcome> {
    try {
      const handler = this.#options.handlers[job.kind] as JobHandler<JobKind> | undefined
      if (!handler) return { kind: 'give-up', reason: `This version has no handler for jobs of kind ${job.kind}` }
      return await handler(job as never, signal)
    } catch (error) {
      return { kind: 'again', at: null, reason: error instanceof Error ? error.message : String(error), counts: true }
    }
  }

  async #sleepMs(): Promise<number> {
    const { db, now, pausedQueues } = this.#options
    const { writers } = capabilitiesOf(db)
    if (this.#running.size >= this.#options.concurrency) return LONGEST_SLEEP_MS[writers]
    const dueAt = await nextDueAt(db, this.#closedQueues())
    const wakeTimes = [
      dueAt ?? Number.POSITIVE_INFINITY,
      ...[...pausedQueues().values()].map(({ until }) => until).filter((until) => until > now()),
    ]
    return Math.max(SHORTEST_SLEEP_MS[writers], Math.min(LONGEST_SLEEP_MS[writers], Math.min(...wakeTimes) - now()))
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function keyOf(job: ClaimedJob): string {
  return `${job.tenantId}/${job.id}/${job.fence}`
}
