import type { DatabaseLocation } from '../../src/store/database.ts'
import { explainQuery, GROWING_TABLES } from '../../test/support/explain-query.ts'
import { HOT_QUERIES } from '../../test/support/hot-queries.ts'
import { openTestDoor } from '../../test/support/test-door.ts'
import { openWatched } from '../../test/support/watched-database.ts'

/** One statement of a query, and how an engine runs it. */
export interface ExplainedStatement {
  readonly sql: string
  readonly plan: readonly string[]
  /** It looks at every row of a table that grows with history. */
  readonly isWhole: boolean
}

export interface ExplainedQuery {
  readonly name: string
  readonly statements: readonly ExplainedStatement[]
}

/** Asks everything hot of a database, and explains each statement of another shape once. */
export async function explainHotQueries(location: DatabaseLocation): Promise<readonly ExplainedQuery[]> {
  const watched = openWatched(location)
  const door = await openTestDoor({ db: watched.db })
  door.now = Date.now()
  try {
    const explained: ExplainedQuery[] = []
    for (const { name, run } of HOT_QUERIES) {
      watched.taken()
      await run(door)
      const statements = new Map<string, ExplainedStatement>()
      for (const query of watched.taken()) {
        if (!/^\s*(?:select|update|delete)/i.test(query.sql) || statements.has(query.sql)) continue
        const { lines, accesses } = await explainQuery(watched.db, location.kind, query)
        if (!accesses.some(({ table }) => GROWING_TABLES.includes(table))) continue
        const isWhole = accesses.some(({ table, index }) => index === null && GROWING_TABLES.includes(table))
        statements.set(query.sql, { sql: query.sql, plan: lines, isWhole })
      }
      explained.push({ name, statements: [...statements.values()] })
    }
    return explained
  } finally {
    await door.close()
    await watched.db.destroy()
  }
}
