import type { Db } from '../../store/database.ts'
import type { Delivery, DeliveryLog } from '../delivery-log/delivery-log.ts'
import { readProgress } from '../folded-position.ts'
import { SELF_TEST_SIGN } from './note-self-test.ts'
import { OWN_SOURCE, SELF_TEST } from './own-source.ts'
import { readSigns } from './sign-of-life-repository.ts'

export interface ProofDeps {
  readonly db: Db
  readonly log: Pick<DeliveryLog, 'append' | 'stats' | 'partitions'>
  readonly tenantId: string
  readonly now: () => number
  readonly newRequestId: () => string
  /** Something was appended. */
  readonly wake: () => void
}

/** Up to where the whole way from the log to the jobs has been open, ms since 1970. */
export interface Proof {
  /** Everything that was appended until then is folded; null = nobody knows yet. */
  readonly foldedUpTo: number | null
  /** A self-test that was appended then has gone all the way, and everything before it is folded; null = none has yet. */
  readonly provenUpTo: number | null
}

interface Milestone {
  readonly at: number
  /** The newest position of each partition at that time. */
  readonly lastSeqs: ReadonlyMap<string, number>
}

/** What lies further back than this is of no use to anybody. */
const MOST_MILESTONES = 64

/**
 * Proves by a few small reads, however long the history, that deliveries are taken in, folded, and followed by jobs. Each
 * test appends a delivery of its own and looks how far earlier ones have come. A log with several partitions is proven
 * when each of them is folded up to what it held at some time; the self-tests go to all of them by turns.
 */
export class PipelineProof {
  readonly #deps: ProofDeps
  #milestones: Milestone[] = []

  constructor(deps: ProofDeps) {
    this.#deps = deps
  }

  /** Tests once. Throws what the log or the database throws: then nothing is proven. */
  async test(): Promise<Proof> {
    const { db, log, tenantId, now } = this.#deps
    const at = now()
    await this.#append(at)
    const { partitions } = await log.stats()
    const lastSeqs = new Map(partitions.map(({ partition, lastSeq }) => [partition, lastSeq]))
    this.#milestones = [...this.#milestones, { at, lastSeqs }].slice(-MOST_MILESTONES)
    const progress = await readProgress(db, log.partitions)
    const passed = this.#milestones.filter((milestone) =>
      progress.every(({ partition, position }) => position >= (milestone.lastSeqs.get(partition) ?? 0)),
    )
    const foldedUpTo = passed.at(-1)?.at ?? null
    const doneUpTo = (await readSigns(db, tenantId)).get(SELF_TEST_SIGN) ?? null
    const isKnown = foldedUpTo !== null && doneUpTo !== null
    return { foldedUpTo, provenUpTo: isKnown ? Math.min(foldedUpTo, doneUpTo) : null }
  }

  async #append(at: number): Promise<void> {
    const requestId = this.#deps.newRequestId()
    const alert = { status: 'firing', labels: { alertname: SELF_TEST }, startsAt: new Date(at).toISOString() }
    const delivery: Delivery = {
      tenantId: this.#deps.tenantId,
      source: OWN_SOURCE,
      sourceKind: OWN_SOURCE,
      receivedAt: at,
      requestId,
      contentType: 'application/json',
      bytesCut: 0,
      body: new TextEncoder().encode(JSON.stringify({ alerts: [alert] })),
      partitionKey: requestId,
    }
    await this.#deps.log.append(delivery)
    this.#deps.wake()
  }
}
