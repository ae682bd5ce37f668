import { spawnSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { findBinary } from './find-binary.ts'
import { migrateDatabase } from './migrate-database.ts'
import { startMariadb } from './run-mariadb.ts'

const TEMPLATE = 'nunchi_template'

/** Starts the MariaDB of a run once, and dumps a migrated database as the beginning of each test's own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const mariadb = await startMariadb()
  await mariadb.query(`create database ${TEMPLATE}`)
  await migrateDatabase(mariadb.url(TEMPLATE))
  project.provide('databaseServer', { kind: 'mysql', url: mariadb.url('mysql'), template: dump(mariadb.url()) })
  return async () => void (await mariadb.stop())
}

function dump(url: string): string {
  const { hostname, port, username, password } = new URL(url)
  const door = [`--host=${hostname}`, `--port=${port}`, `--user=${username}`, `--password=${password}`]
  const command = findBinary('mariadb-client', '/usr/bin/mariadb-dump')
  const run = spawnSync(command, ['--no-defaults', ...door, '--skip-comments', '--compact', TEMPLATE], {
    encoding: 'utf8',
  })
  if (run.status !== 0) throw new Error(`mariadb-dump failed: ${run.stderr}`)
  return run.stdout
}
