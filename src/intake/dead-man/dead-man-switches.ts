import { fingerprintOfLabels } from '../../domain/alert-fingerprint.ts'
import type { Db } from '../../store/database.ts'
import type { Delivery, DeliveryLog } from '../delivery-log/delivery-log.ts'
import { firingAlertsOf, knownStatesOf, resolvedAlertsOf } from '../reconcile/believed-alerts-queries.ts'
import { watchdogSign } from './fold-signs-of-life.ts'
import { annotationsOfSwitch, type DeadManSwitch, labelsOfSwitch, missedSince } from './judge-switches.ts'
import { OWN_SOURCE } from './own-source.ts'
import { noteSigns, readLastDeliveries, readSigns, type SignsOfLife } from './sign-of-life-repository.ts'

export interface SwitchDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'append'>
  readonly tenantId: string
  readonly now: () => number
  readonly newRequestId: () => string
  /** Something was appended. */
  readonly wake: () => void
}

const LISTENING_SINCE = 'listening/since'
const LISTENED_LAST = 'listening/last'
/** Whoever was away for longer begins to listen anew: what came meanwhile may have been turned away. */
const LONGEST_BREAK_MS = 2 * 60_000

/**
 * Opens an incident for each thing that is not heard of any more, and resolves it when it is back: by deliveries of
 * Nunchi's own source, which are folded and told like any others. All that it knows lies in the database, so any
 * node can go on where another one stopped, and a tick that comes twice changes nothing.
 */
export class DeadManSwitches {
  readonly #switches: readonly DeadManSwitch[]
  readonly #deps: SwitchDeps

  constructor(switches: readonly DeadManSwitch[], deps: SwitchDeps) {
    this.#switches = switches
    this.#deps = deps
  }

  /** Judges each switch by what is known up to `knownUpTo`. Throws what log and database throw. */
  async judge(knownUpTo: number): Promise<void> {
    await this.#resolveForgotten()
    if (this.#switches.length === 0) return
    const { db, tenantId } = this.#deps
    const signs = await readSigns(db, tenantId)
    const listeningSince = await this.#listen(signs)
    const deliveries = await readLastDeliveries(db, tenantId)
    const known = await this.#firingNow()
    for (const each of this.#switches) {
      const seenAt =
        (each.kind === 'watchdog' ? signs.get(watchdogSign(each.source)) : deliveries.get(each.source)) ?? null
      const missedAt = missedSince(each, { seenAt, knownUpTo, listeningSince })
      const firingSince = known.get(fingerprintOfLabels(labelsOfSwitch(each))) ?? null
      const isFiring = firingSince !== null
      if (missedAt !== null && !isFiring) await this.#tell(each, { status: 'firing', startsAt: missedAt, seenAt })
      if (missedAt === null && isFiring) await this.#tell(each, { status: 'resolved', startsAt: firingSince, seenAt })
    }
  }

  /** Since when somebody has listened without a break; says that somebody listens now. */
  async #listen(signs: SignsOfLife): Promise<number> {
    const { db, tenantId, now } = this.#deps
    const at = now()
    const isUnbroken = at - (signs.get(LISTENED_LAST) ?? 0) <= LONGEST_BREAK_MS
    const since = isUnbroken ? (signs.get(LISTENING_SINCE) ?? at) : at
    await noteSigns(
      db,
      tenantId,
      new Map([
        [LISTENED_LAST, at],
        [LISTENING_SINCE, since],
      ]),
    )
    return since
  }

  /** Since when the alerts of the switches have been firing. */
  async #firingNow(): Promise<ReadonlyMap<string, number>> {
    const { db, tenantId } = this.#deps
    const fingerprints = this.#switches.map((each) => fingerprintOfLabels(labelsOfSwitch(each)))
    const states = await knownStatesOf(db, { tenantId, source: OWN_SOURCE }, fingerprints)
    return new Map([...states].flatMap(([key, { isFiring, startsAt }]) => (isFiring ? [[key, startsAt] as const] : [])))
  }

  /** Alerts of switches that the configuration names no more would fire for ever. */
  async #resolveForgotten(): Promise<void> {
    const { db, tenantId, now } = this.#deps
    const firing = await firingAlertsOf(db, tenantId, OWN_SOURCE)
    const wanted = new Set(this.#switches.map((each) => fingerprintOfLabels(labelsOfSwitch(each))))
    const forgotten = [...firing].filter(([fingerprint]) => !wanted.has(fingerprint))
    const ended = new Map(forgotten.map(([, { id }]) => [id, { endsAt: now() }]))
    if (ended.size > 0) await this.#append(await resolvedAlertsOf(db, tenantId, ended))
  }

  async #tell(
    each: DeadManSwitch,
    { status, startsAt, seenAt }: { status: 'firing' | 'resolved'; startsAt: number; seenAt: number | null },
  ): Promise<void> {
    const end = status === 'resolved' ? { endsAt: new Date(this.#deps.now()).toISOString() } : {}
    const alert = {
      status,
      labels: labelsOfSwitch(each),
      annotations: annotationsOfSwitch(each, seenAt),
      startsAt: new Date(startsAt).toISOString(),
      ...end,
    }
    await this.#append([alert])
  }

  async #append(alerts: readonly object[]): Promise<void> {
    const requestId = this.#deps.newRequestId()
    const delivery: Delivery = {
      tenantId: this.#deps.tenantId,
      source: OWN_SOURCE,
      sourceKind: OWN_SOURCE,
      receivedAt: this.#deps.now(),
      requestId,
      contentType: 'application/json',
      bytesCut: 0,
      body: new TextEncoder().encode(JSON.stringify({ alerts })),
      partitionKey: OWN_SOURCE,
    }
    await this.#deps.log.append(delivery)
    this.#deps.wake()
  }
}
