import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { testSize } from '../../test/support/test-size.ts'
import { capabilitiesOf } from './dialects/engine-capabilities.ts'
import { PlannerStatistics } from './planner-statistics.ts'

let database: TempDatabase
const faults: unknown[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})
afterEach(async () => {
  await database.close()
  expect(faults.splice(0)).toEqual([])
})

const open = (): Promise<PlannerStatistics> => PlannerStatistics.open(database.db, (error) => faults.push(error))

async function fillLedger(events: number): Promise<void> {
  await database.db
    .insertInto('source_ledger')
    .values({
      tenant_id: 'default',
      source: 'a',
      deliveries: events,
      events_read: events,
      events_linked: events,
      events_suppressed: 0,
      events_quarantined: 0,
      last_received_at: 0,
    })
    .execute()
}

/** Whether the planner has ever looked at a table; null where it cannot be told. */
async function hasLooked(): Promise<boolean | null> {
  if (testSize() !== 'postgres') return null
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from pg_class where oid = 'alert'::regclass and reltuples >= 0`.execute(database.db)
  return rows[0]?.n === 1
}

test('a young installation has its tables looked at when the first thousand events are folded, and not before', async () => {
  const statistics = await open()
  statistics.note(999)
  await statistics.settled()
  expect(await hasLooked()).not.toBe(true)
  statistics.note(1)
  await statistics.settled()
  expect(await hasLooked()).not.toBe(false)
})

test('one with a history is left to the engine', async () => {
  await fillLedger(200_000)
  const statistics = await open()
  statistics.note(1_000_000)
  await statistics.settled()
  expect(await hasLooked()).not.toBe(true)
})

test('an engine that is told to look names tables that are there', async () => {
  const { analyse } = capabilitiesOf(database.db)
  if (analyse !== null) await sql.raw(analyse).execute(database.db)
})
