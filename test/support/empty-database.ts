import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { askDatabase } from './ask-database.ts'
import { type FreshDatabase, urlOfDatabase } from './fresh-database.ts'
import { makeTempFolder } from './temp-folder.ts'
import { testSize } from './test-size.ts'

/** Makes a database without a schema on the engine of the run: for tests of the steps that make the schema. */
export async function makeEmptyDatabase(): Promise<FreshDatabase> {
  if (testSize() === 'embedded') {
    const folder = makeTempFolder('empty-database')
    return { url: `sqlite:${join(folder.path, 'nunchi.db')}`, drop: async () => folder.remove() }
  }
  const { inject } = await import('vitest')
  const server = inject('databaseServer')
  const name = `empty_${randomUUID().replaceAll('-', '')}`
  await askDatabase(server.url, `create database ${name}`)
  const force = server.kind === 'postgres' ? ' with (force)' : ''
  return {
    url: urlOfDatabase(server.url, name),
    drop: async () => void (await askDatabase(server.url, `drop database ${name}${force}`)),
  }
}
