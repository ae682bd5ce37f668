import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../app/config/config-shape.ts'
import { lockDataFolder } from '../app/instance-lock.ts'
import { locateDatabase } from '../app/locate-database.ts'
import { readNodes } from '../cluster/node-repository.ts'
import type { DeliveryReaders } from '../intake/delivery-log/delivery-log.ts'
import { openEmbeddedReaders } from '../intake/delivery-log/embedded/embedded-readers.ts'
import { findTableReaders } from '../intake/delivery-log/table/table-readers.ts'
import { readProgress } from '../intake/folded-position.ts'
import { type CopiedTable, copyTables, firstFilledTable } from '../store/copy-tables.ts'
import { type DatabaseLocation, type Db, migratable, openDatabase } from '../store/database.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import type { Schema } from '../store/schema.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { explainFault } from './explain-fault.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'

const EXAMPLES = `
Examples:
  nunchi copy-data --to 'postgres://nunchi:…@db.example.com/nunchi'      from ./data/nunchi.db
  DATABASE_URL='mysql://…' nunchi copy-data                              the same, to where the configuration points
  nunchi copy-data --from 'mysql://…' --to 'postgres://…'

Stop Nunchi first. The target must exist and be empty; the source is only read.`

/** They are a log, a node or a lease of the old installation, or name one; the new one makes its own. */
const LEFT_OUT: ReadonlySet<keyof Schema> = new Set([
  'log_position',
  'deferred_delivery',
  'delivery_log',
  'delivery_partition',
  'delivery',
  'delivery_segment',
  'node',
  'lease',
])

interface Flags extends ConfigFlags {
  readonly from?: string
  readonly to?: string
}

/** Adds `nunchi copy-data`. */
export function addCopyDataCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('copy-data'))
    .description('move an installation to another database, and prove that everything arrived')
    .option('--from <url>', 'the old database; otherwise the file nunchi.db in the data folder')
    .option('--to <url>', 'the new database; otherwise what DATABASE_URL says')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => await copyData(context, flags))
}

async function copyData(context: CliContext, flags: Flags): Promise<void> {
  const { config } = loadConfig(context, flags)
  const file = join(config.dataDir, 'nunchi.db')
  const from = locationOf(context, flags, flags.from ?? `sqlite:${file}`)
  const to = flags.to === undefined ? locateDatabase(config.database) : locationOf(context, flags, flags.to)
  if (isSame(from, to)) throw new CliFailure('Both databases are the same.', 'Name the new one with --to.')
  if (from.kind === 'sqlite' && !existsSync(from.path))
    throw new CliFailure(
      `There is no database at ${from.path}.`,
      'Name the old one with --from, or its folder with --data-dir.',
    )
  const handles: Db[] = []
  let unlock = (): void => undefined
  try {
    // Whoever runs on the old data would go on writing it.
    if (from.kind === 'sqlite' && existsSync(config.dataDir)) unlock = lockDataFolder(config.dataDir)
    const [source, target] = [openDatabase(from), openDatabase(to)]
    handles.push(source, target)
    await checkSource(source, config)
    await checkTarget(target)
    await copyAndTell(context, source, target)
  } catch (error) {
    throw explainFault(error, config) ?? error
  } finally {
    for (const handle of handles) await handle.destroy()
    unlock()
  }
}

/** Read like DATABASE_URL, so that an address means here what it means there, and the same mistakes have the same words. */
function locationOf(context: CliContext, flags: ConfigFlags, url: string): DatabaseLocation {
  return locateDatabase(loadConfig(context, flags, { DATABASE_URL: url }).config.database)
}

function isSame(one: DatabaseLocation, other: DatabaseLocation): boolean {
  if (one.kind === 'sqlite' || other.kind === 'sqlite')
    return one.kind === 'sqlite' && other.kind === 'sqlite' && one.path === other.path
  return (
    one.kind === other.kind && one.host === other.host && one.port === other.port && one.database === other.database
  )
}

async function checkSource(source: Db, config: Config): Promise<void> {
  const { pending } = await previewMigrations(migratable(source))
  if (pending.length > 0)
    throw new CliFailure(
      'The old database has an older schema.',
      'Run `nunchi migrate` on it first, or start this version once.',
    )
  await checkNobodyRuns(source)
  const logs = [embeddedLogAt(join(config.dataDir, 'deliveries.db')), await findTableReaders(source)]
  const unfolded = await Promise.all(logs.map((readers) => readers && hasUnfolded(source, readers)))
  if (unfolded.includes(true))
    throw new CliFailure(
      'Some deliveries of the old installation are not folded yet.',
      'Start it once more on the old database, wait until /api/v1/cluster or /metrics shows no lag, stop it, and try again.',
    )
}

/** What a node takes in after its table was copied would stay behind, and no checksum would tell. */
async function checkNobodyRuns(source: Db): Promise<void> {
  const running = (await readNodes(source)).filter(({ state }) => state !== 'dead' && state !== 'stopped')
  if (running.length > 0)
    throw new CliFailure(
      `Nunchi is running on the old database: ${running.map(({ name, address }) => `${name} (${address})`).join(', ')}.`,
      'Stop every node first; one that was killed counts as running for 10 seconds.',
    )
}

function embeddedLogAt(path: string): DeliveryReaders | null {
  return existsSync(path) ? openEmbeddedReaders(path) : null
}

/** Whether something that was acknowledged stands in a log alone. Closes it. */
async function hasUnfolded(db: Db, readers: DeliveryReaders): Promise<boolean> {
  try {
    for (const { partition, position, deferred } of await readProgress(db, readers.partitions)) {
      const next = await readers.open(partition).read(position, { count: 1, bytes: 1 })
      if (next.length > 0 || deferred.length > 0) return true
    }
    return false
  } finally {
    await readers.close()
  }
}

async function checkTarget(target: Db): Promise<void> {
  await migrateToLatest(migratable(target))
  const filled = await firstFilledTable(target, new Set())
  if (filled !== null)
    throw new CliFailure(
      `The new database is not empty: its table ${filled} has rows.`,
      'Give an empty one. After a copy that broke off: drop it, create it, and try again.',
    )
}

async function copyAndTell(context: CliContext, source: Db, target: Db): Promise<void> {
  const differing: CopiedTable[] = []
  let rows = 0
  context.print(`${'table'.padEnd(20)} ${'rows'.padStart(10)}   checksum`)
  const onTable = (copied: CopiedTable): void => {
    rows += copied.source.rows
    if (!agrees(copied)) differing.push(copied)
    context.print(lineOf(copied))
  }
  await copyTables(source, target, { leaveOut: LEFT_OUT, onTable })
  if (differing.length > 0)
    throw new CliFailure(
      `${differing.map(({ table }) => table).join(', ')}: the two sides differ.`,
      'Was something writing to one of them? Empty the new database and try again; the old one is unchanged.',
    )
  context.print(`Copied ${rows} rows; both sides agree. Start Nunchi on the new database. The old one is unchanged.`)
}

function agrees({ source, target }: CopiedTable): boolean {
  return source.rows === target.rows && source.checksum === target.checksum
}

function lineOf(copied: CopiedTable): string {
  const { table, source, target } = copied
  const name = table.padEnd(20)
  if (agrees(copied)) return `${name} ${String(source.rows).padStart(10)}   ${source.checksum}  agrees`
  return `${name} ${source.rows} rows and ${target.rows} rows, ${source.checksum} and ${target.checksum}  DIFFERS`
}
