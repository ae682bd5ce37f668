import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildHistory } from '../../bench/support/build-history.ts'
import { type Access, explainQuery, GROWING_TABLES } from '../support/explain-query.ts'
import { HOT_QUERIES } from '../support/hot-queries.ts'
import { makeTempDatabase, type TempDatabase } from '../support/temp-database.ts'
import { openTestDoor, type TestDoor } from '../support/test-door.ts'
import { openWatched, type WatchedDatabase } from '../support/watched-database.ts'

const SIZE = { events: 6000, alerts: 3000, incidents: 3000, openIncidents: 200 }
let database: TempDatabase
let watched: WatchedDatabase
let door: TestDoor
beforeAll(async () => {
  database = await makeTempDatabase()
  await buildHistory(database.location, SIZE)
  await preferIndexes()
  watched = openWatched(database.location)
  door = await openTestDoor({ db: watched.db })
  door.now = Date.now()
}, 300_000)
afterAll(async () => {
  await door.close()
  await watched.db.destroy()
  await database.close()
})

/** So few rows are found quicker without an index; what matters is that there is one which serves the statement. */
async function preferIndexes(): Promise<void> {
  if (database.location.kind === 'postgres')
    await sql`alter database ${sql.id(database.location.database)} set enable_seqscan = off`.execute(database.db)
}

async function accessesOf(run: (door: TestDoor) => Promise<unknown>): Promise<readonly (Access & { sql: string })[]> {
  watched.taken()
  await run(door)
  const statements = watched.taken().filter(({ sql }) => /^\s*(?:select|update|delete)/i.test(sql))
  const found = []
  for (const query of statements) {
    const { accesses } = await explainQuery(watched.db, database.location.kind, query)
    found.push(...accesses.map((access) => ({ ...access, sql: query.sql })))
  }
  return found
}

for (const { name, uses, run } of HOT_QUERIES) {
  test(`${name} goes by ${uses.join(' and ')}, and looks at no table as a whole`, async () => {
    const accesses = await accessesOf(run)
    expect(accesses.filter(({ table, index }) => index === null && GROWING_TABLES.includes(table))).toEqual([])
    const indexes = new Set(accesses.map(({ index }) => index))
    for (const use of uses) expect(indexes).toContain(use.slice(use.indexOf('.') + 1))
  })
}
