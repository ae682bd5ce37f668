import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type FileRow = Record<string, string | number | null>

/** Asks the main database of a data folder, beside the product that runs on it. */
export function queryMain(dataDir: string, sql: string, ...parameters: readonly (string | number)[]): FileRow[] {
  return query(join(dataDir, 'nunchi.db'), sql, parameters)
}

/** Asks the delivery log of a data folder. */
export function queryLog(dataDir: string, sql: string, ...parameters: readonly (string | number)[]): FileRow[] {
  return query(join(dataDir, 'deliveries.db'), sql, parameters)
}

/** How many requests are in the delivery log. */
export function countDeliveries(dataDir: string): number {
  return Number(queryLog(dataDir, 'select count(*) as n from delivery')[0]?.['n'])
}

function query(path: string, sql: string, parameters: readonly (string | number)[]): FileRow[] {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    db.exec('pragma busy_timeout = 2000')
    return db.prepare(sql).all(...parameters) as FileRow[]
  } finally {
    db.close()
  }
}
