import type { Db } from '../store/database.ts'
import {
  addNode,
  beatNode,
  buryNodes,
  DEAD_AFTER_MS,
  forgetNodes,
  type NodeIdentity,
  type NodeState,
  noteAddress,
  readBreakingSteps,
  readNodes,
} from './node-repository.ts'

export interface NodeRegistryOptions {
  readonly db: Db
  readonly identity: NodeIdentity
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number
  /** How far the wall clock of this machine is ahead of the database's. */
  readonly clockOffsetMs: () => number
  /** Whether a process of this machine has certainly ended. */
  readonly hasEnded: (pid: number) => boolean
  /** A newer program changed the schema: this one must stop working. Called once. */
  readonly onStandDown: (reason: string) => void
  /** The database could not be told; it is tried again. */
  readonly onFault: (error: unknown) => void
  readonly timing?: RegistryTiming
}

export interface RegistryTiming {
  readonly beatEveryMs: number
  readonly retryMs: number
  readonly deadAfterMs: number
}

const TIMING: RegistryTiming = { beatEveryMs: 3_000, retryMs: 500, deadAfterMs: DEAD_AFTER_MS }
/** Beats between two looks for rows that nobody needs any more. */
const TIDY_EVERY = 1_000

/** How a node stands. `cut-off`: the others count it as dead, because its heartbeat did not reach the database. */
export interface Standing {
  readonly kind: 'working' | 'cut-off' | 'standing-down' | 'stopping'
  /** In words for people; empty while it works. */
  readonly reason: string
}

/**
 * This node among the others: it joins, says regularly that it is there, notices when the schema has become newer than the
 * program, and says goodbye.
 *
 * | what happens | what the others see |
 * |---|---|
 * | it stops gracefully | stopping at once, stopped at its end |
 * | it is killed, stopped or cut off | dead after 10 s; at once when its successor starts on the same machine |
 * | a newer program made a breaking step | standing down, with the reason |
 */
export class NodeRegistry {
  readonly #options: NodeRegistryOptions
  readonly #timing: RegistryTiming
  #state: 'working' | 'standing-down' | 'stopping' = 'working'
  #reason: string | null = null
  #heardAt = Number.NEGATIVE_INFINITY
  #beats = 0
  #beating: Promise<void> | null = null
  #isBeating = false
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(options: NodeRegistryOptions) {
    this.#options = options
    this.#timing = options.timing ?? TIMING
  }

  get id(): string {
    return this.#options.identity.id
  }

  get standing(): Standing {
    if (this.#state !== 'working') return { kind: this.#state, reason: this.#reason ?? 'It is stopping.' }
    const silentMs = this.#options.monotonic() - this.#heardAt
    if (silentMs < this.#timing.deadAfterMs) return { kind: 'working', reason: '' }
    return {
      kind: 'cut-off',
      reason: `Its heartbeat has not reached the database for ${Math.round(silentMs / 1000)} s.`,
    }
  }

  /** Joins and goes on beating. Throws what the database throws. */
  async join(): Promise<void> {
    const { db, identity } = this.#options
    await this.#buryPredecessors()
    await addNode(db, identity)
    await this.beat()
    this.#schedule(this.#timing.beatEveryMs)
  }

  /** Says where it listens, which is not always known when it joins. */
  async listensAt(address: string): Promise<void> {
    await noteAddress(this.#options.db, this.id, address)
  }

  /** Says at once that this node takes no more work. Never throws: the others find out by themselves a little later. */
  async stopping(): Promise<void> {
    if (this.#state !== 'working') return
    this.#state = 'stopping'
    const { onFault } = this.#options
    await this.#tell(this.#state).catch(onFault)
    if (!this.#isBeating) return
    // The heartbeat under way may say once more that all is as it was.
    await this.#beating
    await this.#tell(this.#state).catch(onFault)
  }

  /** Ends the heartbeat and says that the process is about to end. Never throws. */
  async leave(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#beating
    await this.#tell('stopped').catch(this.#options.onFault)
  }

  /** One heartbeat; called by its own timer. Throws what the database throws. */
  async beat(): Promise<void> {
    const { db, identity, monotonic } = this.#options
    const askedAt = monotonic()
    // Nodes that were away for a day are forgotten, and may come back.
    if (!(await this.#tell(this.#state))) await addNode(db, identity)
    this.#heardAt = askedAt
    await this.#lookAtSchema()
    if (this.#beats++ % TIDY_EVERY === 0) await forgetNodes(db)
  }

  async #lookAtSchema(): Promise<void> {
    const { db, identity, onStandDown } = this.#options
    if (this.#state === 'standing-down') return
    const unknown = (await readBreakingSteps(db)).filter((name) => !identity.steps.includes(name))
    if (unknown.length === 0) return
    this.#state = 'standing-down'
    this.#reason = `A newer Nunchi has changed the database (${unknown.join(', ')}), and version ${identity.version} would misread it. Stop this node and start that newer version here.`
    onStandDown(this.#reason)
    await this.#tell(this.#state)
  }

  /** False when the database does not know this node. */
  #tell(state: NodeState['state']): Promise<boolean> {
    const { db, clockOffsetMs } = this.#options
    return beatNode(db, this.id, { state, stateReason: this.#reason, clockOffsetMs: clockOffsetMs() })
  }

  /** What was killed on this very machine is known to be dead: nobody needs to wait until its leases run out. */
  async #buryPredecessors(): Promise<void> {
    const { db, identity, hasEnded } = this.#options
    const nodes = await readNodes(db)
    const ended = nodes.filter(
      ({ state, machine, pid }) => state !== 'stopped' && machine === identity.machine && hasEnded(pid),
    )
    await buryNodes(
      db,
      ended.map(({ id }) => id),
    )
  }

  #schedule(inMs: number): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      this.#beating = this.#beatAgain()
    }, inMs)
  }

  async #beatAgain(): Promise<void> {
    let nextMs = this.#timing.beatEveryMs
    this.#isBeating = true
    try {
      await this.beat()
    } catch (error) {
      nextMs = this.#timing.retryMs
      this.#options.onFault(error)
    } finally {
      this.#isBeating = false
    }
    this.#schedule(nextMs)
  }
}
