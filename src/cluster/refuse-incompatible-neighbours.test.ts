import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { databaseLocation, migratable, openDatabase } from '../store/database.ts'
import { MIGRATIONS } from '../store/migrate.ts'
import type { NamedMigration } from '../store/named-migration.ts'
import { addNode } from './node-repository.ts'
import { IncompatibleNeighbourError, refuseIncompatibleNeighbours } from './refuse-incompatible-neighbours.ts'

const NEXT_BREAKING: NamedMigration = { name: '20990101-0000-other-world', breaking: true, up: async () => undefined }
const NEXT_HARMLESS: NamedMigration = { name: '20990101-0001-one-more', breaking: false, up: async () => undefined }

let database: TempDatabase

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  await database.close()
})

async function neighbour(id: string, more: readonly NamedMigration[] = []): Promise<void> {
  const steps = [...MIGRATIONS, ...more].map(({ name }) => name)
  await addNode(database.db, {
    id,
    name: `host-${id}`,
    address: `http://${id}:9009`,
    version: '0.1.0',
    pid: 1,
    machine: id,
    steps,
  })
}

/** A program that knows some steps more than today's starts. */
async function startWith(...more: readonly NamedMigration[]): Promise<void> {
  await refuseIncompatibleNeighbours(database.db, migratable(database.db), [...MIGRATIONS, ...more])
}

test('a program with a breaking step does not start beside a live node that does not know it, and names that node', async () => {
  await neighbour('old')
  await neighbour('new', [NEXT_BREAKING])
  await expect(startWith(NEXT_BREAKING)).rejects.toThrow(IncompatibleNeighbourError)
  await expect(startWith(NEXT_BREAKING)).rejects.toThrow(
    /20990101-0000-other-world.*host-old \(version 0\.1\.0, http:\/\/old:9009\)/,
  )
  await expect(startWith(NEXT_BREAKING)).rejects.not.toThrow(/host-new/)
})

test('neighbouring versions whose steps do not break run side by side', async () => {
  await neighbour('old')
  await startWith(NEXT_HARMLESS)
  await startWith()
})

test('nodes that stopped or died are in nobody’s way', async () => {
  await neighbour('stopped')
  await neighbour('dead')
  await database.db.updateTable('node').set({ state: 'stopped' }).where('id', '=', 'stopped').execute()
  await database.db
    .updateTable('node')
    .set({ heartbeat_at: Date.now() - 11_000 })
    .where('id', '=', 'dead')
    .execute()
  await startWith(NEXT_BREAKING)
})

test('a database that never had nodes is no obstacle', async () => {
  const folder = makeTempFolder('empty')
  const db = openDatabase(databaseLocation(`sqlite:${folder.path}/nunchi.db`))
  await refuseIncompatibleNeighbours(db, migratable(db))
  await db.destroy()
  folder.remove()
})
