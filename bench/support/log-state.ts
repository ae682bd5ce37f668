import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a data folder says of deliveries and events; read from the files, without asking the product. */
export interface LogState {
  readonly stored: number
  readonly folded: number
  readonly deferred: number
  readonly eventsRead: number
  readonly incidents: number
}

/** Reads the state now. Readers of SQLite in WAL mode hold up nobody. */
export function logStateOf(dataDir: string): LogState {
  const [main, log] = ['nunchi.db', 'deliveries.db'].map((name) => join(dataDir, name)) as [string, string]
  if (!existsSync(main) || !existsSync(log)) throw new Error(`There are no databases in ${dataDir}`)
  using db = new DatabaseSync(main, { readOnly: true })
  using deliveries = new DatabaseSync(log, { readOnly: true })
  const number = (from: DatabaseSync, sql: string): number => Number(from.prepare(sql).get()?.['n'])
  return {
    stored: number(deliveries, 'select coalesce(max(seq), 0) as n from delivery'),
    folded: number(db, 'select coalesce(max(seq), 0) as n from log_position'),
    deferred: number(db, 'select count(*) as n from deferred_delivery'),
    eventsRead: number(db, 'select coalesce(sum(events_read), 0) as n from source_ledger'),
    incidents: number(db, 'select count(*) as n from incident'),
  }
}

const POLL_MS = 20

/** Waits until so many events have been folded; answers when that was (`performance.now()`). Fails when it takes too long. */
export async function waitUntilFolded(dataDir: string, events: number, timeoutMs = 300_000): Promise<number> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const state = logStateOf(dataDir)
    if (state.eventsRead >= events) return performance.now()
    if (performance.now() > deadline) throw new Error(`Not folded within ${timeoutMs} ms: ${JSON.stringify(state)}`)
    await sleep(POLL_MS)
  }
}
