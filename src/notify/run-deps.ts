import { type HeldJob, holdJobTx, LeaseLostError } from '../jobs/hold-job.ts'
import type { Tx } from '../store/database.ts'
import { inTransaction } from '../store/transaction.ts'
import type { DeliverDeps } from './deliver-deps.ts'

/** What one run of a job works with. */
export interface RunDeps extends DeliverDeps {
  /**
   * Writes in one transaction that counts only while nobody else has claimed the job; otherwise it throws `LeaseLostError`
   * and nothing is kept. All that a run knows of its channel (its projection, its digest) is written in this way.
   */
  readonly write: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /**
   * Does `write` until it has *just* been done under a lease that lasts: a process that was stopped or starved meanwhile may
   * have lost its job, and must find that out before it speaks to a receiver.
   *
   * What remains is a call that is on its way already when its process stops. Whoever has the job next finds the row at
   * `posting`, waits, and looks the message up at the receiver before anything is sent again (`settleLostAnswer`); what the
   * stopped process makes of the answer when it wakes is refused by `write`. Only a request that its own kernel held back
   * for all that time is shown twice.
   */
  readonly writeJustNow: (work: (tx: Tx) => Promise<void>) => Promise<void>
}

/** Who wrote within this time, under a lease that lasts longer, has the job still. */
const FRESH_MS = 3_000

/** What the run of a job that is held works with. */
export function depsOfRun(deps: DeliverDeps, job: HeldJob): RunDeps {
  const write: RunDeps['write'] = async (work) =>
    await inTransaction(deps.db, async (tx) => {
      await holdJobTx(tx, job)
      return await work(tx)
    })
  const writeJustNow: RunDeps['writeJustNow'] = async (work) => {
    for (;;) {
      const begun = deps.now()
      await inTransaction(deps.db, async (tx) => {
        if ((await holdJobTx(tx, job)) - begun < FRESH_MS) throw new LeaseLostError()
        await work(tx)
      })
      if (deps.now() - begun < FRESH_MS) return
    }
  }
  return { ...deps, write, writeJustNow }
}
