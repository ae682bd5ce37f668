import { afterEach, beforeEach, expect, test } from 'vitest'
import { askDatabase } from '../../test/support/ask-database.ts'
import { makeEmptyDatabase } from '../../test/support/empty-database.ts'
import type { FreshDatabase } from '../../test/support/fresh-database.ts'
import { databaseLocation, migratable, openDatabase } from './database.ts'
import { MIGRATIONS, migrateToLatest } from './migrate.ts'

/** The last step of each release that people may have installed. */
const RELEASES = ['20261125-1600-add-people-and-slack-receipts'] as const

const INCIDENT = {
  tenant_id: 'default', id: '01KTOLD0000000000000000000', number: 7, version: 3, source: 'grafana', correlation_key: 'k',
  correlation_text: 'alertname=Disk', open_key: 'k', rule_key: null, title: 'Disk full on db-1', status_rank: 0, severity_rank: 5,
  service: 'db', cluster: 'prod', namespace: '', environment: 'production', labels: '{"service":"db"}', started_at: 1_795_000_000_000,
  opened_at: 1_795_000_000_500, acknowledged_at: null, acknowledged_by: null, resolved_at: null, resolved_by: null, owner: null,
  owner_id: null, alert_count: 1, firing_count: 1, firing: '{}', clears_at: null, reopen_count: 0, flap_count: 0, flaps_since: null,
  is_flapping: 0, is_noise: 0, peak_rank: 5, is_severity_pinned: 0, silenced_until: null, moved_to: null, updated_at: 1_795_000_000_500,
} // biome-ignore format: a row
const ALERT = {
  tenant_id: 'default',
  id: '01KTOLD0000000000000000001',
  source: 'grafana',
  fingerprint: 'f',
  current_key: 'grafana/f',
  incident_id: INCIDENT.id,
  status: 'firing',
  severity_rank: 5,
  title: 'Disk full',
  starts_at: 1_795_000_000_000,
  starts_at_text: '',
  ends_at: null,
  content_hash: 42,
  changed_at: 1_795_000_000_500,
  first_seen_at: 1_795_000_000_500,
  last_seen_at: 1_795_000_000_500,
  occurrences: 1,
  condition: null,
  labels: '{}',
  annotations: '{}',
  links: '{}',
}
const EVENT = {
  tenant_id: 'default',
  id: '01KTOLD0000000000000000002',
  alert_id: ALERT.id,
  incident_id: INCIDENT.id,
  source: 'grafana',
  source_kind: 'grafana',
  delivery_seq: 1,
  delivery_index: 0,
  received_at: 1_795_000_000_500,
  status: 'firing',
  observation: 'new',
  severity_rank: 5,
  starts_at: 1_795_000_000_000,
  ends_at: null,
  raw: '{"labels":{}}',
}
const JOB = {
  tenant_id: 'default',
  id: '01KTOLD0000000000000000003',
  kind: 'notify',
  dedupe_key: 'notify/x',
  queue: 'preview',
  lane: 1,
  state: 'waiting',
  run_at: 1,
  wanted: 1,
  attempts: 0,
  first_failed_at: null,
  fence: 0,
  lease_until: null,
  lease_owner: null,
  payload: '{}',
  last_error: null,
  created_at: 1,
  updated_at: 1,
}
const POSITION = { log_id: '01KTLOG', consumer: 'fold', seq: 12 }
const ROWS = { incident: [INCIDENT], alert: [ALERT], alert_event: [EVENT], job: [JOB], log_position: [POSITION] }

let database: FreshDatabase

beforeEach(async () => {
  database = await makeEmptyDatabase()
})
afterEach(() => database.drop())

for (const release of RELEASES) {
  test(`a database of the release that ended with ${release} is upgraded with its rows`, async () => {
    const db = openDatabase(databaseLocation(database.url))
    const until = MIGRATIONS.findIndex(({ name }) => name === release) + 1
    await migrateToLatest(migratable(db), MIGRATIONS.slice(0, until))
    const { db: anyDb } = migratable(db)
    for (const [table, rows] of Object.entries(ROWS)) await anyDb.insertInto(table).values(rows).execute()

    const { applied } = await migrateToLatest(migratable(db))

    expect(applied).toEqual(MIGRATIONS.slice(until).map(({ name }) => name))
    for (const [table, rows] of Object.entries(ROWS)) {
      const stored = await anyDb.selectFrom(table).selectAll().execute()
      expect(stored).toEqual(rows.map((row) => expect.objectContaining(row)))
    }
    await db.destroy()
    expect(await askDatabase(database.url, 'select incident_id, status, start_time from incidents')).toEqual([
      expect.objectContaining({ incident_id: INCIDENT.id, status: 'active', start_time: '2026-11-18T11:06:40Z' }),
    ])
  })
}
