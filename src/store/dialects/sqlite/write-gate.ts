/**
 * Lets one transaction at a time write to a SQLite file, across every thread of the process, in the order of
 * arrival. SQLite's own lock makes a waiting thread sleep with its whole event loop, and it is not fair: a
 * storm being folded would starve a person's click. Here waiting is a promise.
 *
 * A ticket lock on shared memory: [next ticket, ticket being served]. Other processes still meet at SQLite's lock.
 */
export class WriteGate {
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array<SharedArrayBuffer>

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#cells = new Int32Array(memory)
  }

  /** Resolves when it is the caller's turn. The caller must call `leave` once, whatever happens in between. */
  async enter(): Promise<void> {
    const ticket = Atomics.add(this.#cells, NEXT, 1)
    for (;;) {
      const serving = Atomics.load(this.#cells, SERVING)
      if (serving === ticket) return
      const wait = Atomics.waitAsync(this.#cells, SERVING, serving)
      if (wait.async) await wait.value
    }
  }

  leave(): void {
    Atomics.add(this.#cells, SERVING, 1)
    Atomics.notify(this.#cells, SERVING)
  }
}

const NEXT = 0
const SERVING = 1
