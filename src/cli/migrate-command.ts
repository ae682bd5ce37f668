import type { Command } from 'commander'
import { refuseIncompatibleNeighbours } from '../cluster/refuse-incompatible-neighbours.ts'
import { type Db, migratable } from '../store/database.ts'
import { MIGRATIONS, migrateToLatest } from '../store/migrate.ts'
import type { NamedMigration } from '../store/named-migration.ts'
import { type MigrationPreview, previewMigrations } from '../store/pending-migrations.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { databaseExists, withDatabase } from './with-database.ts'

const EXAMPLES = `
Examples:
  nunchi migrate --preview                   what an upgrade would change
  nunchi migrate                             change it
  nunchi migrate --to 20261126-0300          only up to this step, for example to do a slow one by night
  nunchi migrate --to 20261126-0300 --preview

\`nunchi serve\` does the same when it starts. Neither changes what a running node of an older version would misread.
Make a backup first: steps are never taken back, and a newer schema refuses an older program.`

interface MigrateFlags extends ConfigFlags {
  readonly preview?: boolean
  readonly to?: string
}

/** Adds `nunchi migrate`. */
export function addMigrateCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('migrate'))
    .description('bring the schema of the database up to date')
    .option('--preview', 'only show which steps would be applied')
    .option('--to <step>', 'stop after this step; its date and time are enough')
    .addHelpText('after', EXAMPLES)
    .action(async ({ preview, to, ...flags }: MigrateFlags) => {
      const { config } = loadConfig(context, flags)
      const steps = to === undefined ? MIGRATIONS : stepsUpTo(to)
      if (preview && !databaseExists(config)) {
        context.print(`There is no database yet. ${pendingWords(steps.map(({ name }) => name))}`)
        return
      }
      const words = await withDatabase(config, (db) => (preview ? previewed(db, steps) : applied(db, steps)))
      context.print(words)
    })
}

function stepsUpTo(wanted: string): readonly NamedMigration[] {
  const found = MIGRATIONS.filter(({ name }) => name === wanted || name.startsWith(`${wanted}-`))
  const [only] = found
  if (only === undefined || found.length > 1) {
    const what = only === undefined ? 'There is no step' : 'Several steps begin with'
    throw new CliFailure(`${what} ${wanted}.`, `Name one of:\n${listed(MIGRATIONS.map(({ name }) => name))}`)
  }
  return MIGRATIONS.slice(0, MIGRATIONS.indexOf(only) + 1)
}

async function previewed(db: Db, steps: readonly NamedMigration[]): Promise<string> {
  const preview = await previewMigrations(migratable(db))
  refuseStepsBeyond(preview, steps)
  const pending = preview.pending.filter((name) => steps.some((step) => step.name === name))
  return [pendingWords(pending), ...newerWords(preview), ...leftWords(preview.pending.length - pending.length)].join(
    '\n',
  )
}

async function applied(db: Db, steps: readonly NamedMigration[]): Promise<string> {
  const before = await previewMigrations(migratable(db))
  refuseStepsBeyond(before, steps)
  await refuseIncompatibleNeighbours(db, migratable(db), steps)
  const report = await migrateToLatest(migratable(db), steps)
  const left = before.pending.filter((name) => !steps.some((step) => step.name === name))
  return [appliedWords(report.applied), ...newerWords(before), ...leftWords(left.length)].join('\n')
}

/** A step that is there can only be undone by a backup: the statement that made it may have dropped what was before. */
function refuseStepsBeyond({ applied: there }: MigrationPreview, steps: readonly NamedMigration[]): void {
  const beyond = MIGRATIONS.slice(steps.length).filter(({ name }) => there.includes(name))
  if (beyond.length === 0) return
  throw new CliFailure(
    `The schema is already beyond ${steps.at(-1)?.name}: it has ${beyond.map(({ name }) => name).join(', ')}.`,
    'Steps are never taken back: restore the backup made before them, and start the version that it belongs to.',
  )
}

function newerWords({ newer }: MigrationPreview): readonly string[] {
  if (newer.length === 0) return []
  const breaking = newer.filter((step) => step.breaking)
  const meaning =
    breaking.length > 0
      ? 'This version must not run on it: start the newer one, or restore the backup made before the upgrade.'
      : 'This version may go on running on it while nodes are upgraded one after the other.'
  return [`A newer Nunchi has been here:\n${listed(newer.map(({ name }) => name))}\n${meaning}`]
}

function leftWords(count: number): readonly string[] {
  if (count === 0) return []
  return [
    `${count} more of this version ${count === 1 ? 'is' : 'are'} left: \`nunchi serve\` applies ${count === 1 ? 'it' : 'them'} when it starts.`,
  ]
}

function pendingWords(names: readonly string[]): string {
  return names.length === 0 ? UP_TO_DATE : `These steps would be applied:\n${listed(names)}`
}

function appliedWords(names: readonly string[]): string {
  return names.length === 0 ? UP_TO_DATE : `Applied:\n${listed(names)}`
}

const UP_TO_DATE = 'The schema is up to date: nothing to do.'

function listed(names: readonly string[]): string {
  return names.map((name) => `  ${name}`).join('\n')
}
