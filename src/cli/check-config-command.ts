import type { Command } from 'commander'
import { describeConfig } from '../app/config/describe-config.ts'
import { migratable } from '../store/database.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import type { CliContext } from './cli-context.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { databaseExists, withDatabase } from './with-database.ts'

const EXAMPLES = `
Examples:
  nunchi check-config                        what the variables of this shell say
  nunchi check-config --config nunchi.yaml   what the file and the variables say together
  nunchi check-config --connect              and whether the database can be used

Ends with 0 when everything is right, with 1 when something is wrong.`

/** Adds `nunchi check-config`. */
export function addCheckConfigCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('check-config'))
    .description('say what is wrong with the configuration, or show the effective one, without starting anything')
    .option('--connect', 'also try whether the database can be used')
    .addHelpText('after', EXAMPLES)
    .action(async ({ connect, ...flags }: ConfigFlags & { readonly connect?: boolean }) => {
      const { config, warnings } = loadConfig(context, flags)
      context.print(describeConfig(config))
      for (const warning of warnings) context.printAside(`Warning: ${warning}`)
      if (connect && databaseExists(config)) await withDatabase(config, (db) => previewMigrations(migratable(db)))
      const door = config.isOpen ? ' Everybody on this machine may do everything (no credential is set).' : ''
      context.print(`\nConfiguration is fine.${door}`)
    })
}
