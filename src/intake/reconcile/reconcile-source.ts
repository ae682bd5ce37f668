import type { Db } from '../../store/database.ts'
import type { Delivery, DeliveryLog } from '../delivery-log/delivery-log.ts'
import type { AlertLister, ListedAlert } from './alert-lister.ts'
import { type BelievedAlert, firingAlertsOf, knownStatesOf, resolvedAlertsOf } from './believed-alerts-queries.ts'
import { type Difference, DifferenceMemory, type ReconcileRules } from './difference-memory.ts'
import { type HealingFacts, healedContentType, type Loss } from './healed-delivery.ts'
import { SeenReceivers } from './seen-receivers.ts'
import { type JudgedAnswer, trustAnswers } from './trust-answers.ts'

/** How one source is reconciled. */
export interface ReconcilePolicy extends ReconcileRules {
  /** How long a server must have been running before what it does not list counts as over. */
  readonly settleMs: number
  /** Alerts that we never heard of are told only when their routes lead to one of these; null = to one that deliveries have named. */
  readonly receivers: readonly string[] | null
  /** False: alerts that we never heard of stay unheard of. */
  readonly healsMissing: boolean
}

export interface ReconcileSourceDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'append' | 'list' | 'get'>
  readonly now: () => number
  readonly newRequestId: () => string
  /** Something was appended. */
  readonly wake: () => void
}

export interface ReconciledSource {
  readonly tenantId: string
  readonly name: string
  readonly kind: string
  readonly policy: ReconcilePolicy
  /** One per server: peers of one cluster. */
  readonly listers: readonly AlertLister[]
  /** Alerts that another part of the product watches instead of telling them. */
  readonly isIgnored: (labels: Readonly<Record<string, string>>) => boolean
}

/** What one poll found. */
export interface PollReport {
  readonly problems: readonly { readonly problem: string; readonly remedy: string }[]
  /** How many servers answered. */
  readonly answered: number
  readonly listed: number
  readonly believed: number
  readonly waiting: { readonly over: number; readonly unheard: number }
  readonly healed: Readonly<Record<Loss, number>>
  /** Why absences do not count at this moment; null when they do. */
  readonly doubt: string | null
}

/** At most so many unheard alerts are held between two polls. */
const MOST_UNHEARD = 5_000
const ALERTS_A_DELIVERY = 500

/**
 * Compares, poll after poll, what the servers of one source list with what we believe to be firing, and heals what has
 * been different for long enough by appending a delivery to the log: it is folded like any other, in its order, and
 * episodes decide what it means (decisions/0004), so that one that comes too late or twice changes nothing.
 */
export class SourceReconciler {
  readonly #source: ReconciledSource
  readonly #deps: ReconcileSourceDeps
  readonly #memory: DifferenceMemory<BelievedAlert, ListedAlert>
  readonly #receivers: SeenReceivers
  readonly #answersSince = new Map<string, number>()

  constructor(source: ReconciledSource, deps: ReconcileSourceDeps) {
    this.#source = source
    this.#deps = deps
    this.#memory = new DifferenceMemory(source.policy)
    this.#receivers = new SeenReceivers(deps.log, source.name)
  }

  /** Asks every server once and heals what is due. Throws what our own storage throws; then nothing more of this poll is healed. */
  async poll(stop: AbortSignal): Promise<PollReport> {
    const { name, tenantId, policy } = this.#source
    const { db, now } = this.#deps
    // Read before the servers are asked: an alert that arrives meanwhile is not believed yet, and cannot seem to be over.
    const firing = await firingAlertsOf(db, tenantId, name)
    const listed = new Set<string>()
    const candidates = new Map<string, ListedAlert>()
    const answers = await this.#askAll((alert) => {
      listed.add(alert.fingerprint)
      if (this.#isNews(alert, firing) && candidates.size < MOST_UNHEARD) candidates.set(alert.fingerprint, alert)
    }, stop)
    const trust = trustAnswers(answers, { now: now(), settleMs: policy.settleMs })
    const failures = answers.flatMap(({ listing }) => (listing.kind === 'failed' ? [listing] : []))
    const unheard = await this.#unheardOf(candidates)
    const isComplete = failures.length === 0
    const due = stop.aborted
      ? { over: [], unheard: [] }
      : this.#memory.observe({ at: now(), trust, firing, listed, unheard, isComplete })
    const healed = { resolve: await this.#resolve(due.over), firing: await this.#fire(due.unheard) }
    return {
      problems: failures.map(({ problem, remedy }) => ({ problem, remedy })),
      answered: answers.length - failures.length,
      listed: listed.size,
      believed: firing.size,
      waiting: this.#memory.counts,
      healed,
      doubt: trust.doubt,
    }
  }

  async #askAll(onAlert: (alert: ListedAlert) => void, stop: AbortSignal): Promise<readonly JudgedAnswer[]> {
    return await Promise.all(
      this.#source.listers.map(async (lister) => {
        const listing = await lister.list(onAlert, stop)
        if (listing.kind === 'failed') this.#answersSince.delete(lister.place)
        else if (!this.#answersSince.has(lister.place)) this.#answersSince.set(lister.place, this.#deps.now())
        const answersSince = this.#answersSince.get(lister.place) ?? this.#deps.now()
        return { place: lister.place, listing, answersSince }
      }),
    )
  }

  #isNews(alert: ListedAlert, firing: ReadonlyMap<string, BelievedAlert>): boolean {
    if (!this.#source.policy.healsMissing || alert.isMuted || this.#source.isIgnored(alert.labels)) return false
    const known = firing.get(alert.fingerprint)
    return known === undefined || known.startsAt < alert.startsAt
  }

  /** Those among the candidates that are meant for us and whose episode we do not know as firing. */
  async #unheardOf(candidates: ReadonlyMap<string, ListedAlert>): Promise<ReadonlyMap<string, ListedAlert>> {
    if (candidates.size === 0) return candidates
    const receivers = this.#source.policy.receivers ?? [...(await this.#receivers.names())]
    const meant = [...candidates].filter(([, alert]) => alert.receivers.some((name) => receivers.includes(name)))
    const { tenantId, name: source } = this.#source
    const fingerprints = meant.map(([fingerprint]) => fingerprint)
    const known = await knownStatesOf(this.#deps.db, { tenantId, source }, fingerprints)
    return new Map(
      meant.filter(([fingerprint, { startsAt }]) => {
        const state = known.get(fingerprint)
        return state === undefined || state.startsAt < startsAt || (!state.isFiring && state.startsAt === startsAt)
      }),
    )
  }

  async #resolve(over: readonly Difference<BelievedAlert>[]): Promise<number> {
    for (const some of inParts(over)) {
      const ended = new Map(some.map(({ alert, since }) => [alert.id, { endsAt: since }]))
      const alerts = await resolvedAlertsOf(this.#deps.db, this.#source.tenantId, ended)
      await this.#append(alerts, this.#factsOf('resolve', some))
    }
    return over.length
  }

  async #fire(unheard: readonly Difference<ListedAlert>[]): Promise<number> {
    for (const some of inParts(unheard))
      await this.#append(
        some.map(({ alert }) => alert.alert),
        this.#factsOf('firing', some),
      )
    return unheard.length
  }

  /** What holds for each of several differences. */
  #factsOf(loss: Loss, some: readonly Difference<unknown>[]): HealingFacts {
    const since = Math.max(...some.map((difference) => difference.since))
    const polls = Math.min(...some.map((difference) => difference.polls))
    return { loss, polls, lastedMs: this.#deps.now() - since }
  }

  async #append(alerts: readonly object[], facts: HealingFacts): Promise<void> {
    if (alerts.length === 0) return
    const { tenantId, name, kind } = this.#source
    const requestId = this.#deps.newRequestId()
    const delivery: Delivery = {
      tenantId,
      source: name,
      sourceKind: kind,
      receivedAt: this.#deps.now(),
      requestId,
      partitionKey: requestId,
      contentType: healedContentType(facts),
      bytesCut: 0,
      body: new TextEncoder().encode(JSON.stringify({ version: '4', alerts })),
    }
    await this.#deps.log.append(delivery)
    this.#deps.wake()
  }
}

function* inParts<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += ALERTS_A_DELIVERY) yield items.slice(from, from + ALERTS_A_DELIVERY)
}
