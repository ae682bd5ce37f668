import type { CompiledQuery } from 'kysely'
import type { DatabaseLocation, Db } from '../../src/store/database.ts'

/** How an engine reaches the rows of one table. */
export interface Access {
  /** The table, or the name that the statement gives it. */
  readonly table: string
  /** `primary` for the primary key; null = every row of the table is looked at. */
  readonly index: string | null
}

/** How an engine would run a statement. */
export interface QueryPlan {
  /** As the engine says it, for people. */
  readonly lines: readonly string[]
  readonly accesses: readonly Access[]
  /** Rows are put in order after they were found. */
  readonly sorts: boolean
}

/** What grows with history. Everything else is small, and a planner may well look at all of it. `a` and `e` are names that statements give some of them. */
export const GROWING_TABLES: readonly string[] = [
  'incident',
  'alert',
  'alert_event',
  'timeline_entry',
  'notification',
  'incident_term',
  'activity',
  'a',
  'e',
]

type Row = Readonly<Record<string, unknown>>

/** Asks the engine how it would run a statement with its parameters. Nothing is run. */
export async function explainQuery(db: Db, kind: DatabaseLocation['kind'], query: CompiledQuery): Promise<QueryPlan> {
  const ask = async (prefix: string): Promise<readonly Row[]> =>
    (await db.executeQuery<Row>({ ...query, sql: `${prefix} ${query.sql}` })).rows
  if (kind === 'sqlite') return planOfSqlite(await ask('explain query plan'))
  if (kind === 'mysql') return planOfMysql(await ask('explain'))
  const [tree] = await ask('explain (format json)')
  const lines = (await ask('explain (costs off)')).map((row) => String(row['QUERY PLAN']))
  return planOfPostgres(tree?.['QUERY PLAN'], lines)
}

function planOfSqlite(rows: readonly Row[]): QueryPlan {
  const lines = rows.map(({ detail }) => String(detail))
  const accesses = lines.flatMap((line) => {
    const [, table, rest] = /^(?:SEARCH|SCAN) (\S+)(.*)$/.exec(line) ?? []
    if (table === undefined || table === 'CONSTANT') return []
    const [, index] = /USING (?:COVERING )?INDEX (\S+)/.exec(rest ?? '') ?? []
    if (index !== undefined) return [{ table, index: index.startsWith('sqlite_autoindex') ? 'primary' : index }]
    return [{ table, index: /USING (?:INTEGER )?PRIMARY KEY/.test(rest ?? '') ? 'primary' : null }]
  })
  return { lines, accesses, sorts: lines.some((line) => line.includes('USE TEMP B-TREE FOR ORDER BY')) }
}

function planOfMysql(rows: readonly Row[]): QueryPlan {
  const lines = rows.map(({ table, type, key, rows: estimate, Extra }) =>
    `${table ?? '-'}: ${type ?? '-'} key=${key ?? '-'} rows=${estimate ?? '-'} ${Extra ?? ''}`.trimEnd(),
  )
  const accesses = rows
    .filter(({ table }) => typeof table === 'string' && !table.startsWith('<'))
    .map(({ table, key }) => ({
      table: String(table),
      index: key === 'PRIMARY' ? 'primary' : ((key as string) ?? null),
    }))
  return { lines, accesses, sorts: rows.some(({ Extra }) => String(Extra).includes('filesort')) }
}

interface PostgresNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly PostgresNode[]
}

function planOfPostgres(answer: unknown, lines: readonly string[]): QueryPlan {
  const [{ Plan }] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ readonly Plan: PostgresNode }]
  const nodes: PostgresNode[] = []
  const walk = (node: PostgresNode): void => {
    nodes.push(node)
    node.Plans?.forEach(walk)
  }
  walk(Plan)
  const accesses = nodes.flatMap((node): Access[] => {
    const table = node['Relation Name'] ?? ''
    const index = node['Index Name']
    if (index !== undefined) return [{ table, index: index.endsWith('_pkey') ? 'primary' : index }]
    return node['Node Type'] === 'Seq Scan' ? [{ table, index: null }] : []
  })
  return { lines, accesses, sorts: nodes.some((node) => node['Node Type'] === 'Sort') }
}
