import type { Logger } from 'pino'
import type { ClaimedJob } from '../jobs/claim-due-jobs.ts'
import type { DeliveryReport } from '../notify/deliver-deps.ts'
import type { EngineMetrics } from './engine-metrics.ts'

/** What happens all the time and disturbs nobody. */
const QUIET: ReadonlySet<string> = new Set(['edited', 'digested'])

/**
 * Tells the log and the metrics how the channels do. A problem that a person must repair is logged once in
 * clear words, and once more when it is over, however many messages it holds up.
 */
export class ChannelReporter {
  readonly #logger: Logger
  readonly #metrics: EngineMetrics
  readonly #problems = new Map<string, string>()
  readonly #deskProblems = new Map<string, string>()

  constructor(logger: Logger, metrics: EngineMetrics) {
    this.#logger = logger
    this.#metrics = metrics
  }

  sent(report: DeliveryReport): void {
    const { channelId, purpose, outcome, detail, subject } = report
    this.#metrics.sent(channelId, outcome)
    const facts = { channel: channelId, purpose, subject }
    if (outcome === 'rejected') this.#tell(channelId, detail, facts)
    else if (outcome === 'delivered' || outcome === 'adopted' || outcome === 'edited') this.#over(channelId, facts)
    if (QUIET.has(outcome)) this.#logger.debug({ ...facts, outcome }, 'Shown')
    else if (outcome === 'delivered' && detail !== '')
      this.#logger.warn({ ...facts, problem: detail }, 'Told, but not to all')
    else if (outcome === 'delivered') this.#logger.info(facts, 'Told')
    else if (outcome !== 'rejected') this.#logger.warn({ ...facts, outcome, detail }, 'A message is not confirmed')
  }

  jobFailed(job: ClaimedJob, reason: string, isDead: boolean): void {
    if (isDead)
      this.#logger.error(
        { job: job.id, kind: job.kind, reason },
        'A job is given up; retry it by POST /api/v1/jobs/{id}/retry',
      )
    else
      this.#logger.debug(
        { job: job.id, kind: job.kind, attempts: job.attempts + 1, reason },
        'A job will be tried again',
      )
  }

  /** A problem found without sending, such as a missing scope at start-up. */
  found(channelId: string, problem: string): void {
    this.#tell(channelId, problem, { channel: channelId })
  }

  /** A part of what receives people's clicks does not work; null = it does. */
  ofDesk(part: string, problem: string | null): void {
    if (problem === null) {
      if (this.#deskProblems.delete(part)) this.#logger.info({ part }, 'It works again')
    } else if (this.#deskProblems.get(part) !== problem) {
      this.#deskProblems.set(part, problem)
      this.#logger.warn({ part, problem }, 'What people do in Slack may not arrive')
    }
  }

  /** Parts of what receives people's clicks that do not work, with what to do. */
  deskProblems(): ReadonlyMap<string, string> {
    return this.#deskProblems
  }

  #tell(channelId: string, detail: string, facts: object): void {
    if (this.#problems.get(channelId) === detail) return
    this.#problems.set(channelId, detail)
    this.#logger.warn({ ...facts, problem: detail }, 'A channel refuses messages; they are kept until it is repaired')
  }

  #over(channelId: string, facts: object): void {
    if (this.#problems.delete(channelId)) this.#logger.info(facts, 'The channel takes messages again')
  }

  /** Channels that a person must repair, with what to do. */
  problems(): ReadonlyMap<string, string> {
    return this.#problems
  }
}
