import { randomUUID } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { askDatabase } from './ask-database.ts'
import { testSize } from './test-size.ts'

/** A database of one test on the server of the run. */
export interface FreshDatabase {
  /** As DATABASE_URL has it. */
  readonly url: string
  /** Removes it although somebody may still be connected; a second time does nothing. */
  readonly drop: () => Promise<void>
}

/** What a project's global setup tells about its database server. */
export interface DatabaseServer {
  readonly kind: 'mysql' | 'postgres'
  /** Of a database that is always there; the name of the fresh one takes the place of the path. */
  readonly url: string
  /** How a migrated database comes about: SQL to run in an empty one, or the name of the database to copy. */
  readonly template: string
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseServer: DatabaseServer
    readonly natsUrl: string
  }
}

/** Makes a migrated database on the server of this run; null where the size keeps files. */
export async function makeFreshDatabase(): Promise<FreshDatabase | null> {
  if (testSize() === 'embedded') return null
  // Only here, because benchmarks use this without the test runner.
  const { inject } = await import('vitest')
  const server = inject('databaseServer')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const url = urlOfDatabase(server.url, name)
  if (server.kind === 'postgres') {
    await askDatabase(server.url, `create database ${name} template ${server.template}`)
    return {
      url,
      drop: async () => void (await askDatabase(server.url, `drop database if exists ${name} with (force)`)),
    }
  }
  await askDatabase(server.url, `create database ${name}`)
  await runScript(url, server.template)
  return { url, drop: async () => void (await askDatabase(server.url, `drop database if exists ${name}`)) }
}

/** The address of another database on the same server. */
export function urlOfDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

async function runScript(uri: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri, multipleStatements: true })
  try {
    await connection.query(sql)
  } finally {
    connection.destroy()
  }
}
