import type { ColumnTypes } from '../column-types.ts'
import type { NamedMigration } from '../named-migration.ts'

/** The nodes of an installation, and who of them does what only one may do. Every instant in these tables is the database's own. */
export const addNodesAndLeases: NamedMigration = {
  name: '20261126-0300-add-nodes-and-leases',
  breaking: false,
  async up(execute, types) {
    for (const statement of statements(types)) await execute(statement)
  },
}

function statements(t: ColumnTypes): readonly string[] {
  return [
    `create table node (
      id ${t.id} not null, name ${t.name} not null, address ${t.name} not null, version ${t.name} not null, pid ${t.int} not null, machine ${t.name} not null,
      state ${t.id} not null, state_reason ${t.text}, steps ${t.text} not null, clock_offset_ms ${t.bigint} not null,
      started_at ${t.bigint} not null, heartbeat_at ${t.bigint} not null, primary key (id))`,
    `create table lease (
      name ${t.id} not null, owner ${t.id}, fence ${t.bigint} not null, held_until ${t.bigint} not null, taken_at ${t.bigint} not null, ran_at ${t.bigint},
      primary key (name))`,
  ]
}
