import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'

/** A row as the engine stored it: counts and times are numbers on every engine, what is true is 1. */
export type StoredRow = Record<string, string | number | null>

type Parameters = readonly (string | number)[]

/**
 * Asks a database by its DATABASE_URL, beside the product that runs on it and without the product's own code: parameters
 * are `?` on every engine. The connection lasts for one question, so it never keeps files or servers from anything.
 */
export async function askDatabase(url: string, sql: string, parameters: Parameters = []): Promise<StoredRow[]> {
  if (url.startsWith('sqlite:')) return askFile(url.slice('sqlite:'.length), sql, parameters)
  return url.startsWith('mysql:') ? await askMysql(url, sql, parameters) : await askPostgres(url, sql, parameters)
}

function askFile(path: string, sql: string, parameters: Parameters): StoredRow[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    db.exec('pragma busy_timeout = 2000')
    return db.prepare(sql).all(...parameters) as StoredRow[]
  } finally {
    db.close()
  }
}

async function askMysql(uri: string, sql: string, parameters: Parameters): Promise<StoredRow[]> {
  const connection = await createConnection({ uri, connectTimeout: 5_000, decimalNumbers: true })
  try {
    const [rows] = await connection.query(sql, [...parameters])
    return (Array.isArray(rows) ? rows : []) as StoredRow[]
  } finally {
    connection.destroy()
  }
}

const INT8 = 20
const NUMERIC = 1700

async function askPostgres(url: string, sql: string, parameters: Parameters): Promise<StoredRow[]> {
  const getTypeParser = ((type: number, format?: 'text') =>
    type === INT8 || type === NUMERIC ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, types: { getTypeParser } })
  // A connection that breaks outside of a query would end the test's process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    let count = 0
    return (
      await client.query<StoredRow>(
        sql.replaceAll('?', () => `$${++count}`),
        [...parameters],
      )
    ).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}
