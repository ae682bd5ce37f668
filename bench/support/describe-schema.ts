import { join } from 'node:path'
import { sql } from 'kysely'
import { migratable, openDatabase, sqliteLocation } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'
import type { Schema } from '../../src/store/schema.ts'
import { TABLE_KEYS } from '../../src/store/table-keys.ts'
import { HOT_QUERIES } from '../../test/support/hot-queries.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import type { HistorySize } from './build-history.ts'
import type { ExplainedQuery } from './explain-hot-queries.ts'
import { INDEX_NOTES, TABLE_NOTES } from './schema-notes.ts'

/** How one engine runs everything that is hot. */
export interface EnginePlans {
  readonly engine: string
  readonly queries: readonly ExplainedQuery[]
}

const LONGEST_SQL = 400
const MOST_LINES = 14

/** The page about the schema: tables, indexes, and how each engine runs what is asked most. Throws when a note is missing. */
export async function describeSchema(plans: readonly EnginePlans[], size: HistorySize): Promise<string> {
  const tables = Object.keys(TABLE_KEYS) as (keyof Schema)[]
  return `${[
    '# The schema',
    'Written by `npm run bench -- plans`; a test keeps the indexes in use (`test/conformance/query-plans.test.ts`). The same tables stand in SQLite, MySQL, MariaDB and PostgreSQL: `tenant_id` leads every key, instants are milliseconds since 1970, JSON is text, and ids sort by the time they were made.',
    '## Tables',
    tables.map((table) => `- \`${table}\` (${TABLE_KEYS[table].join(', ')}): ${noteOf(TABLE_NOTES, table)}`).join('\n'),
    '## Indexes beside the primary keys',
    (await indexes()).map(({ name, on }) => `- \`${name}\` on ${on}: ${noteOf(INDEX_NOTES, name)}`).join('\n'),
    '## How what is asked most is run',
    `From a history of ${size.events} events, ${size.alerts} alerts and ${size.incidents} incidents. Only statements on tables that grow; long ones are cut.`,
    ...HOT_QUERIES.map(({ name, uses }) => describeQuery(name, uses, plans)),
  ].join('\n\n')}\n`
}

function noteOf(notes: Readonly<Record<string, string>>, name: string): string {
  const note = notes[name]
  if (note === undefined) throw new Error(`bench/support/schema-notes.ts says nothing about ${name}`)
  return note
}

async function indexes(): Promise<readonly { readonly name: string; readonly on: string }[]> {
  using folder = makeTempFolder('bench-schema')
  const db = openDatabase(sqliteLocation(join(folder.path, 'nunchi.db')))
  try {
    await migrateToLatest(migratable(db))
    const { rows } = await sql<{ name: string; sql: string }>`
      select name, sql from sqlite_schema where type = 'index' and sql is not null order by name`.execute(db)
    return rows.map(({ name, sql: text }) => ({ name, on: text.replace(/^.* on /i, '') }))
  } finally {
    await db.destroy()
  }
}

function describeQuery(name: string, uses: readonly string[], plans: readonly EnginePlans[]): string {
  const parts = plans.map(({ engine, queries }) => {
    const statements = queries.find((query) => query.name === name)?.statements ?? []
    const texts = statements.map(({ sql: text, plan }) =>
      [cut(text), ...shortened(plan).map((line) => `  ${line}`)].join('\n'),
    )
    return `**${engine}**\n\n\`\`\`\n${texts.join('\n')}\n\`\`\``
  })
  return [
    `### ${name[0]?.toUpperCase()}${name.slice(1)}`,
    `Lives by ${uses.map((use) => `\`${use}\``).join(' and ')}.`,
    ...parts,
  ].join('\n\n')
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST_SQL ? `${line.slice(0, LONGEST_SQL)} …` : line
}

function shortened(lines: readonly string[]): readonly string[] {
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines
}
