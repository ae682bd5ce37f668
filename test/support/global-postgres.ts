import type { TestProject } from 'vitest/node'
import { migrateDatabase } from './migrate-database.ts'
import { startPostgres } from './run-postgres.ts'

const TEMPLATE = 'nunchi_template'

/** Starts the PostgreSQL of a run once, with a migrated database that each test gets a copy of. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres()
  await postgres.query(`create database ${TEMPLATE}`)
  await migrateDatabase(postgres.url(TEMPLATE))
  project.provide('databaseServer', { kind: 'postgres', url: postgres.url(), template: TEMPLATE })
  return async () => void (await postgres.stop())
}
