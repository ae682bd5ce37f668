import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DatabaseLocation, databaseLocation, sqliteLocation } from '../../src/store/database.ts'
import { startMariadb } from '../../test/support/run-mariadb.ts'
import { startPostgres } from '../../test/support/run-postgres.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { buildHistory, type HistorySize } from '../support/build-history.ts'
import { describeSchema, type EnginePlans } from '../support/describe-schema.ts'
import { explainHotQueries } from '../support/explain-hot-queries.ts'
import type { Bench, Figure, Scenario } from '../support/figure.ts'

const QUICK: HistorySize = { events: 20_000, alerts: 10_000, incidents: 10_000, openIncidents: 200 }
const WHOLE: HistorySize = { events: 1_000_000, alerts: 50_000, incidents: 50_000, openIncidents: 200 }
const PAGE = join(import.meta.dirname, '../../docs/schema.md')

/** How every engine runs what is asked most: `docs/schema.md` is written from it. */
export const plansScenario: Scenario = {
  name: 'plans',
  about: 'how SQLite, MariaDB and PostgreSQL run what is asked most; writes docs/schema.md',
  run: async (bench) => {
    const size = bench.isQuick ? QUICK : WHOLE
    using folder = makeTempFolder('bench-plans')
    const mariadb = await startMariadb()
    const postgres = await startPostgres()
    try {
      await mariadb.query('create database plans')
      await postgres.query('create database plans')
      const engines: readonly [string, DatabaseLocation][] = [
        ['SQLite', sqliteLocation(join(folder.path, 'nunchi.db'))],
        ['MariaDB', databaseLocation(mariadb.url('plans'))],
        ['PostgreSQL', databaseLocation(postgres.url('plans'))],
      ]
      const plans: EnginePlans[] = []
      for (const [name, location] of engines) plans.push(await plansOf(bench, { name, location, size }))
      writeFileSync(PAGE, await describeSchema(plans, size))
      return plans.map(
        ({ engine, queries }): Figure => ({
          name: `${engine}: statements that look at a growing table as a whole`,
          unit: '',
          values: [queries.flatMap(({ statements }) => statements).filter(({ isWhole }) => isWhole).length],
        }),
      )
    } finally {
      await mariadb.stop()
      await postgres.stop()
    }
  },
}

async function plansOf(
  bench: Bench,
  { name, location, size }: { readonly name: string; readonly location: DatabaseLocation; readonly size: HistorySize },
): Promise<EnginePlans> {
  await buildHistory(location, size)
  bench.say(`${name}: ${size.events} events`)
  return { engine: name, queries: await explainHotQueries(location) }
}
