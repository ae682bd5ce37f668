import type { Db } from '../store/database.ts'
import { MIGRATIONS, type Migratable } from '../store/migrate.ts'
import type { NamedMigration } from '../store/named-migration.ts'
import { previewMigrations } from '../store/pending-migrations.ts'
import { type NodeView, readNodes } from './node-repository.ts'

/** Starting now would change the schema under a running node that would misread what it became. */
export class IncompatibleNeighbourError extends Error {
  constructor(neighbours: readonly NodeView[], steps: readonly string[]) {
    const names = neighbours.map(({ name, version, address }) => `${name} (version ${version}, ${address})`)
    super(
      `An older Nunchi is running on this database, and would misread what this version makes of its schema (${steps.join(', ')}): ${names.join('; ')}.`,
    )
    this.name = 'IncompatibleNeighbourError'
  }
}

const NODE_TABLE = 'node'

/**
 * Throws `IncompatibleNeighbourError` when a live node does not know a breaking step that this program would apply. Asked
 * before the schema is changed; whoever joins in between finds the step by itself and stands down.
 */
export async function refuseIncompatibleNeighbours(
  db: Db,
  migratable: Pick<Migratable, 'db'>,
  migrations: readonly NamedMigration[] = MIGRATIONS,
): Promise<void> {
  const { pending } = await previewMigrations(migratable, migrations)
  const breaking = migrations.filter((step) => step.breaking && pending.includes(step.name)).map(({ name }) => name)
  if (breaking.length === 0 || !(await hasNodes(migratable))) return
  const live = (await readNodes(db)).filter(({ state }) => state !== 'dead' && state !== 'stopped')
  const ignorant = live.filter(({ steps }) => breaking.some((name) => !steps.includes(name)))
  if (ignorant.length > 0) throw new IncompatibleNeighbourError(ignorant, breaking)
}

async function hasNodes({ db }: Pick<Migratable, 'db'>): Promise<boolean> {
  return (await db.introspection.getTables()).some(({ name }) => name === NODE_TABLE)
}
