import type { Command } from 'commander'
import { migratable } from '../store/database.ts'
import { MIGRATIONS, migrateToLatest } from '../store/migrate.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import { repeatWhileBusy } from '../store/repeat-while-busy.ts'
import type { CliContext } from './cli-context.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { databaseExists, withDatabase } from './with-database.ts'

const EXAMPLES = `
Examples:
  nunchi migrate --preview                   what an upgrade would change
  nunchi migrate                             change it

\`nunchi serve\` does the same when it starts. Make a backup first: a newer schema refuses an older program.`

/** Adds `nunchi migrate`. */
export function addMigrateCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('migrate'))
    .description('bring the schema of the database up to date')
    .option('--preview', 'only show which steps would be applied')
    .addHelpText('after', EXAMPLES)
    .action(async ({ preview, ...flags }: ConfigFlags & { preview?: boolean }) => {
      const { config } = loadConfig(context, flags)
      if (preview && !databaseExists(config)) {
        context.print(`There is no database yet. ${pendingWords(MIGRATIONS.map(({ name }) => name))}`)
      } else if (preview) {
        const { pending } = await withDatabase(config, (db) => previewMigrations(migratable(db)))
        context.print(pendingWords(pending))
      } else {
        const report = await withDatabase(config, (db) => repeatWhileBusy(() => migrateToLatest(migratable(db))))
        context.print(appliedWords(report.applied))
      }
    })
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
