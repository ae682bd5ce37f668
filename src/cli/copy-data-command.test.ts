import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deliveryOf } from '../../test/conformance/delivery-log.ts'
import { ALONE } from '../../test/support/alone.ts'
import { makeFreshDatabase } from '../../test/support/fresh-database.ts'
import { makeAlert, makeWebhookBody } from '../../test/support/generate-alerts.ts'
import { InProcessNunchi } from '../../test/support/in-process-nunchi.ts'
import { migrateDatabase } from '../../test/support/migrate-database.ts'
import { makeTempFolder, type TempFolder } from '../../test/support/temp-folder.ts'
import { spawnThread } from '../../test/support/thread-entry.ts'
import { lockDataFolder } from '../app/instance-lock.ts'
import { addNode, type NodeView } from '../cluster/node-repository.ts'
import { EmbeddedLog } from '../intake/delivery-log/embedded/embedded-log.ts'
import { databaseLocation, openDatabase } from '../store/database.ts'
import { inTransaction } from '../store/transaction.ts'
import type { CliContext } from './cli-context.ts'
import { runCli } from './run-cli.ts'

let folder: TempFolder
let lines: string[]
const cleanups: (() => unknown)[] = []

beforeEach(async () => {
  folder = makeTempFolder('copy-data')
  lines = []
  await migrateDatabase(`sqlite:${join(folder.path, 'nunchi.db')}`)
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
  folder.remove()
})

async function newDatabase(): Promise<string> {
  const fresh = await makeFreshDatabase()
  if (fresh !== null) {
    cleanups.push(fresh.drop)
    return fresh.url
  }
  return `sqlite:${join(folder.path, 'new.db')}`
}

async function copy(...args: readonly string[]): Promise<number> {
  const keep = (line: string): void => void lines.push(line)
  const context = { env: {}, print: keep, printAside: keep } as unknown as CliContext
  return await runCli(['copy-data', '--data-dir', folder.path, ...args], context)
}

/** Fills the old database with what a real engine leaves in it, texts of every kind included. */
async function liveOn(): Promise<void> {
  const nunchi = await InProcessNunchi.start()
  cleanups.push(() => nunchi.stop())
  for (const [i, summary] of ['plain', '한국어 🚨', 'it\'s "quoted" \\ back', ' spaces ', ''].entries()) {
    const labels = { alertname: `Alert${i}`, severity: 'critical', service: 'Ünï', trailing: 'x ' }
    await nunchi.tell(
      makeWebhookBody([makeAlert({ labels, annotations: { summary }, startsAt: new Date(nunchi.now) })]),
    )
  }
  await nunchi.tell('not json')
  const old = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`))
  for (const table of ['incident', 'alert', 'alert_event', 'timeline_entry', 'quarantine', 'notification'] as const) {
    const rows = await nunchi.db.selectFrom(table).selectAll().execute()
    await inTransaction(
      old,
      async (tx) =>
        void (await tx
          .insertInto(table)
          .values(rows as never)
          .execute()),
    )
  }
  await old.destroy()
}

test('every row arrives, and the report proves it', async () => {
  await liveOn()
  const to = await newDatabase()
  expect(await copy('--to', to)).toBe(0)
  const report = lines.join('\n')
  expect(report).toMatch(/^incident +5 +[0-9a-f]{32} {2}agrees$/m)
  expect(report).toMatch(/^quarantine +1 +[0-9a-f]{32} {2}agrees$/m)
  expect(report).toContain('both sides agree')
  const db = openDatabase(databaseLocation(to))
  const old = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`))
  cleanups.push(
    () => db.destroy(),
    () => old.destroy(),
  )
  const [copied, original] = await Promise.all(
    [db, old].map((each) => each.selectFrom('alert').selectAll().orderBy('id').execute()),
  )
  expect(copied).toEqual(original)
})

test('more rows than fit into a page are walked to the end', async () => {
  const old = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`))
  const rows = Array.from({ length: 1_203 }, (_, i) => ({
    tenant_id: `t${i % 3}`,
    seq: i,
    at: i,
    kind: 'incident',
    subject_id: `s${i}`,
    data: '{}',
  }))
  await inTransaction(old, async (tx) => void (await tx.insertInto('change_feed').values(rows).execute()))
  await old.destroy()
  expect(await copy('--to', await newDatabase())).toBe(0)
  expect(lines.join('\n')).toMatch(/^change_feed +1203 +\w+ {2}agrees$/m)
})

test('a database that is not empty is left alone', async () => {
  await liveOn()
  const to = await newDatabase()
  await copy('--to', to)
  lines = []
  expect(await copy('--to', to)).toBe(1)
  expect(lines.join('\n')).toContain('is not empty: its table incident has rows')
})

test('deliveries that were acknowledged and not folded are not left behind', async () => {
  const log = await EmbeddedLog.open(join(folder.path, 'deliveries.db'), spawnThread)
  await log.append(deliveryOf('{}'))
  await log.close()
  expect(await copy('--to', await newDatabase())).toBe(1)
  expect(lines.join('\n')).toContain('are not folded yet')
})

test('an installation that is running is not copied, whether it holds the folder or is a node of the database', async () => {
  const unlock = lockDataFolder(folder.path)
  const code = await copy('--to', await newDatabase()).finally(unlock)
  expect(code).toBe(1)
  expect(lines.join('\n')).toMatch(/^Another Nunchi is running on the data folder [^→]*$/)
  lines = []
  const old = openDatabase(databaseLocation(`sqlite:${join(folder.path, 'nunchi.db')}`))
  const [{ id, name, address, version, pid, machine, steps }] = ALONE.nodes as [NodeView]
  await addNode(old, { id, name, address, version, pid, machine, steps })
  await old.destroy()
  expect(await copy('--to', await newDatabase())).toBe(1)
  expect(lines.join('\n')).toMatch(/^Nunchi is running on the old database: box \(http\S+\)\.\n→ Stop every node first/)
})

test('a mistake is told in words', async () => {
  expect(await copy('--to', `sqlite:${join(folder.path, 'nunchi.db')}`)).toBe(1)
  expect(await copy('--to', 'oracle://x')).toBe(1)
  expect(await copy('--from', `sqlite:${join(folder.path, 'absent.db')}`, '--to', await newDatabase())).toBe(1)
  const text = lines.join('\n')
  expect(text).toContain('Both databases are the same')
  expect(text).toMatch(/oracle/)
  expect(text).toMatch(/There is no database at .*absent\.db/)
})
