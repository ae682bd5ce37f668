import type { PartitionProgress } from './folded-position.ts'

const MIB = 1024 * 1024

/**
 * What a source may have waiting to be folded while others deliver too: the others wait behind it in the log. One
 * thread folds 3,000 to 10,000 new alerts of some 600 bytes in a second, so this is one to four seconds of folding; less
 * would refuse the ordinary burst of a large Alertmanager, which is a few megabytes.
 */
export const SHARE_BYTES = 8 * MIB
/**
 * Large deliveries that were put aside are folded in slices between the others and hold up only each other, so that much more
 * of them may wait: the largest body alone is within it.
 */
export const ASIDE_SHARE_BYTES = 64 * MIB
/** However small, a delivery costs the folding of one alert, whose body is about so large. */
const LEAST_BYTES = 1024
/** A source that delivered within this time counts as a neighbour: its next delivery must find a short queue. */
const NEIGHBOUR_MS = 30_000
/** What was read longer ago says nothing any more. A database that does not answer is no reason to refuse: the log takes deliveries without it. */
const KNOWN_MS = 5_000
/** Small deliveries are remembered together, so that a backlog of gigabytes is some thousand entries. */
const TOGETHER_BYTES = 64 * 1024

/** Deliveries of one source next to each other in one partition of the log, up to `seq`. */
interface Waiting {
  readonly partition: string
  seq: number
  bytes: number
}

interface Backlog {
  /** Read, and on the way to the disk. */
  comingBytes: number
  waitingBytes: number
  asideBytes: number
  waiting: Waiting[]
  aside: Waiting[]
  /** When it last had a delivery stored, ms since 1970. */
  storedAt: number
}

/** Where a delivery was stored. */
export interface LogPlace {
  readonly partition: string
  readonly seq: number
}

/**
 * Keeps a source that floods from delaying everybody: all sources share one log in order of arrival, so what one has waiting
 * there is what the others wait for. Counts per source what was stored by this process and is not folded yet.
 *
 * | backlog of the source | another source delivered lately | how far is folded | admitted |
 * |---|---|---|---|
 * | within its share | any | any | yes: whatever the size of the next body |
 * | above its share | no | any | yes: it delays only itself |
 * | above its share | yes | not known for a while | yes |
 * | above its share | yes | known | no: it shall come back |
 *
 * Nothing here waits or throws.
 */
export class FairShare {
  readonly #now: () => number
  readonly #bySource = new Map<string, Backlog>()
  #heardAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether something is stored of which it is not known that it is folded. */
  get isWaiting(): boolean {
    for (const { waiting, aside } of this.#bySource.values()) if (waiting.length + aside.length > 0) return true
    return false
  }

  /** Whether a source may deliver now; see the table. */
  admits(source: string): boolean {
    const backlog = this.#bySource.get(source)
    if (!backlog || isWithinShare(backlog)) return true
    return this.#now() - this.#heardAt > KNOWN_MS || !this.#hasNeighbour(source)
  }

  /** Counts a body that was read; false = not admitted, nothing was counted. Each `enter` that was true is followed by one `leave`. */
  enter(source: string, bytes: number): boolean {
    if (!this.admits(source)) return false
    this.#of(source).comingBytes += costOf(bytes)
    return true
  }

  /** The body lies in the log at `place` now; null = it was not stored. */
  leave(source: string, bytes: number, place: LogPlace | null): void {
    const backlog = this.#of(source)
    const cost = costOf(bytes)
    backlog.comingBytes -= cost
    if (place === null) return
    // Nothing was asked while nothing waited: what was heard last is as true as it was.
    if (!this.isWaiting) this.#heardAt = this.#now()
    backlog.storedAt = this.#now()
    backlog.waitingBytes += cost
    const last = backlog.waiting.findLast(({ partition }) => partition === place.partition)
    if (last && last.bytes < TOGETHER_BYTES) {
      last.seq = Math.max(last.seq, place.seq)
      last.bytes += cost
    } else backlog.waiting.push({ ...place, bytes: cost })
  }

  /** The log is folded so far. */
  folded(progress: readonly PartitionProgress[]): void {
    this.#heardAt = this.#now()
    const known = {
      positions: new Map(progress.map(({ partition, position }) => [partition, position])),
      // Positions are unique in the whole log.
      deferred: new Set(progress.flatMap(({ deferred }) => deferred)),
    }
    for (const backlog of this.#bySource.values()) advance(backlog, known)
  }

  /** What each source has waiting, large deliveries included, bytes. */
  *backlogs(): Iterable<readonly [source: string, bytes: number]> {
    for (const [source, { waitingBytes, asideBytes }] of this.#bySource) yield [source, waitingBytes + asideBytes]
  }

  #hasNeighbour(source: string): boolean {
    const since = this.#now() - NEIGHBOUR_MS
    for (const [name, { storedAt }] of this.#bySource) if (name !== source && storedAt > since) return true
    return false
  }

  #of(source: string): Backlog {
    let backlog = this.#bySource.get(source)
    if (!backlog) {
      const nothing = { comingBytes: 0, waitingBytes: 0, asideBytes: 0, waiting: [], aside: [] }
      backlog = { ...nothing, storedAt: Number.NEGATIVE_INFINITY }
      this.#bySource.set(source, backlog)
    }
    return backlog
  }
}

function isWithinShare({ comingBytes, waitingBytes, asideBytes }: Backlog): boolean {
  return comingBytes + waitingBytes <= SHARE_BYTES && asideBytes <= ASIDE_SHARE_BYTES
}

interface KnownProgress {
  readonly positions: ReadonlyMap<string, number>
  readonly deferred: ReadonlySet<number>
}

function advance(backlog: Backlog, { positions, deferred }: KnownProgress): void {
  const isPassed = ({ partition, seq }: Waiting): boolean => seq <= (positions.get(partition) ?? 0)
  const passed = backlog.waiting.filter(isPassed)
  backlog.waiting = backlog.waiting.filter((waiting) => !isPassed(waiting))
  backlog.waitingBytes -= bytesOf(passed)
  // A large delivery ends its entry, so that the last position stands for it.
  backlog.aside = [...backlog.aside, ...passed].filter(({ seq }) => deferred.has(seq))
  backlog.asideBytes = bytesOf(backlog.aside)
}

function bytesOf(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes, 0)
}

function costOf(bytes: number): number {
  return Math.max(LEAST_BYTES, bytes)
}
