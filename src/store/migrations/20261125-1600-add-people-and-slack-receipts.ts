import type { ColumnTypes } from '../column-types.ts'
import type { NamedMigration } from '../named-migration.ts'

/** People and the chat accounts they use, and what they asked for there. */
export const addPeopleAndSlackReceipts: NamedMigration = {
  name: '20261125-1600-add-people-and-slack-receipts',
  breaking: false,
  async up(execute, types) {
    for (const statement of statements(types)) await execute(statement)
  },
}

function statements(t: ColumnTypes): readonly string[] {
  return [
    `create table person (
      tenant_id ${t.id} not null, id ${t.id} not null, name ${t.name} not null, email ${t.name} not null, role ${t.id} not null, removed_at ${t.bigint},
      primary key (tenant_id, id))`,
    'create unique index person_email on person (tenant_id, email)',
    `create table person_link (
      tenant_id ${t.id} not null, team_id ${t.id} not null, user_id ${t.id} not null, person_id ${t.id} not null, linked_at ${t.bigint} not null,
      primary key (tenant_id, team_id, user_id))`,
    `create table slack_receipt (
      tenant_id ${t.id} not null, id ${t.id} not null, payload_id ${t.name} not null, workspace ${t.id} not null, request ${t.text} not null,
      received_at ${t.bigint} not null, handled_at ${t.bigint}, primary key (tenant_id, id))`,
    // The second copy of a click finds the first one here, whichever node it reaches.
    'create unique index slack_receipt_payload on slack_receipt (tenant_id, payload_id)',
    'create index slack_receipt_age on slack_receipt (tenant_id, received_at)',
    `create table slack_workspace (
      tenant_id ${t.id} not null, name ${t.id} not null, token_hash ${t.id} not null, team_id ${t.id} not null, bot_user_id ${t.id} not null, app_id ${t.id},
      seen_at ${t.bigint} not null, primary key (tenant_id, name))`,
  ]
}
