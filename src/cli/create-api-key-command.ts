import type { Command } from 'commander'
import type { Config } from '../app/config/config-shape.ts'
import { type ApiKeyDeps, createApiKey } from '../auth/api-keys.ts'
import { type Actor, SCOPES, type Scope } from '../domain/actor.ts'
import { type Db, migratable } from '../store/database.ts'
import { migrateToLatest } from '../store/migrate.ts'
import { createNewId } from '../store/new-id.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import { repeatWhileBusy } from '../store/repeat-while-busy.ts'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'
import { addConfigFlags, type ConfigFlags, loadConfig } from './load-config.ts'
import { withDatabase } from './with-database.ts'

const EXAMPLES = `
Examples:
  nunchi create-api-key --name grafana --scopes read
  KEY=$(nunchi create-api-key --name on-call --scopes respond)
  curl -H "Authorization: Bearer $KEY" http://127.0.0.1:9009/api/v1/incidents

Scopes: ingest sends alerts, read reads, respond also acts on incidents, admin does everything.
The key is shown once. It works at once, also while the server runs; revoke it by DELETE /api/v1/api-keys/{id}.`

interface Flags extends ConfigFlags {
  readonly name: string
  readonly scopes: string
}

/** Adds `nunchi create-api-key`. */
export function addCreateApiKeyCommand(program: Command, context: CliContext): void {
  addConfigFlags(program.command('create-api-key'))
    .description('make a key for the API and show it once (needs the data folder, not the server)')
    .requiredOption('--name <name>', 'what it is for; it is written beside everything that is done with it')
    .requiredOption('--scopes <scopes>', `what it may do, separated by commas: ${SCOPES.join(', ')}`)
    .addHelpText('after', EXAMPLES)
    .action(async ({ name, scopes, ...flags }: Flags) => {
      const wanted = { name: nameOf(name), scopes: scopesOf(scopes) }
      const { config } = loadConfig(context, flags)
      const { text, apiKey } = await withDatabase(config, async (db) => {
        await prepareSchema(db)
        const deps: ApiKeyDeps = { db, newId: createNewId(), now: context.now }
        return await createApiKey(deps, commandLineActor(config), wanted)
      })
      context.printAside(
        `Key ${apiKey.id} of ${apiKey.name} may: ${apiKey.scopes.join(', ')}. Keep it now, it is not shown again:`,
      )
      context.print(text)
    })
}

/** Whoever can write the database may do everything anyway: the file system is the lock of this door. */
function commandLineActor({ tenantId }: Config): Actor {
  return { kind: 'system', id: 'nunchi', name: 'command line', via: 'cli', tenantId, scopes: ['admin'] }
}

const LONGEST_NAME = 100

function nameOf(text: string): string {
  const name = text.trim()
  if (name !== '' && name.length <= LONGEST_NAME && !/\p{C}/u.test(name)) return name
  throw new CliFailure('The name of the key must have 1 to 100 printable characters.', 'Correct --name.')
}

function scopesOf(text: string): readonly Scope[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  const unknown = words.filter((word) => !SCOPES.some((scope) => scope === word))
  if (words.length > 0 && unknown.length === 0) return words as Scope[]
  const what = unknown.length === 0 ? 'No scope is named' : `There is no scope ${unknown.join(', ')}`
  throw new CliFailure(`${what}.`, `Write --scopes with some of ${SCOPES.join(', ')}, separated by commas.`)
}

/** A new database gets its schema here; an old one is left to the upgrade, which somebody may want a backup before. */
async function prepareSchema(db: Db): Promise<void> {
  const { applied, pending } = await previewMigrations(migratable(db))
  if (applied.length > 0 && pending.length > 0) {
    throw new CliFailure(
      'The schema of the database is older than this program.',
      'Run `nunchi migrate` first, or start this version once.',
    )
  }
  await repeatWhileBusy(() => migrateToLatest(migratable(db)))
}
