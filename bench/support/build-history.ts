import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { databaseLocation, migratable, openDatabase } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'

/** How much has happened; everything is spread over 60 days. */
export interface HistorySize {
  readonly events: number
  readonly alerts: number
  readonly incidents: number
  /** The newest ones; the others are resolved. */
  readonly openIncidents: number
}

const DAY_MS = 86_400_000
const SPAN_MS = 60 * DAY_MS
/** Rows of one statement. Larger ones only make the journal grow. */
const STEP = 100_000

const SEVERITY_RANK = 'case when i % 10 < 2 then 5 when i % 10 < 7 then 3 else 2 end'
const SERVICE = `'service-' || (i * 7919 % 40)`

// Spread over all values, as fingerprints are.
const FINGERPRINT = "printf('%08x%08x', i * 2654435761 % 4294967296, i)"

// Every statement makes the rows [:from, :to) by their number i, so that ten million need no loop in JavaScript.
const INCIDENTS = `
insert into incident select 'default', printf('01INC%021d', i), i + 1, 3, 'alertmanager', printf('%064x', i), :rule || (i % 300) || '|warning|service-' || (i * 7919 % 40),
  case when i >= :open then printf('%064x', i) end, null, :rule || (i % 300) || ' on node-' || (i % 5000) || '.zone-b.example.com',
  case when i < :open then 2 when i % 4 = 0 then 1 else 0 end, ${SEVERITY_RANK}, ${SERVICE}, 'cluster-' || (i % 3), 'namespace-' || (i % 11), 'production',
  '{"alertname":"' || :rule || (i % 300) || '","severity":"warning","service":"service-' || (i * 7919 % 40) || '","cluster":"cluster-1","namespace":"namespace-7"}',
  :begin + i * :step, :begin + i * :step, null, null,
  case when i < :open then min(:now, :begin + i * :step + 1800000) end, case when i < :open then '{"id":"nunchi","name":"Nunchi"}' end, null, null,
  5, case when i < :open then 0 else 5 end, case when i < :open then '{}' else '{"warning":5}' end, null, 0, 0, null, 0, 0,
  ${SEVERITY_RANK}, 0, null, null, :begin + i * :step
from numbers`

const ALERTS = `
insert into alert select 'default', printf('01ALE%021d', i), 'alertmanager', ${FINGERPRINT}, 'alertmanager/' || ${FINGERPRINT},
  printf('01INC%021d', i / 5), case when i / 5 < :open then 'resolved' else 'firing' end, ${SEVERITY_RANK}, 'Probe of node-' || (i % 5000) || ' fails',
  :begin + i / 5 * :step, '2026-11-21T03:14:20.819Z', case when i / 5 < :open then :begin + i / 5 * :step + 1800000 end, i, :begin + i / 5 * :step, :begin + i / 5 * :step, :begin + i / 5 * :step, 1, null,
  '{"alertname":"Rule' || (i % 300) || '","severity":"warning","service":"service-' || (i % 40) || '","cluster":"cluster-1","namespace":"namespace-7","instance":"node-' || (i % 5000) || '.zone-b.example.com:9100","job":"node-exporter"}',
  '{"summary":"The probe fails","description":"The probe of node-' || (i % 5000) || '.zone-b.example.com:9100 fails; a service may be down.","runbook_url":"https://runbooks.example.com/rule' || (i % 300) || '"}',
  '{"generator":"http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"}'
from numbers`

// Events of one alert do not lie side by side, as they do not when they come in.
const EVENTS = `
insert into alert_event select 'default', printf('01EVE%021d', i), printf('01ALE%021d', i * 7919 % :alerts), printf('01INC%021d', i * 7919 % :alerts / 5), 'alertmanager', 'alertmanager', i / 10, i % 10,
  :begin + i * :eventStep / 1000, case when i % 2 = 0 then 'firing' else 'resolved' end, case when i % 2 = 0 then 'fired' else 'cleared' end, ${SEVERITY_RANK}, :begin + i * :eventStep / 1000, null, ''
from numbers`

const TIMELINE = `
insert into timeline_entry select 'default', printf('01TIM%021d', i), printf('01INC%021d', i / 3), :begin + i / 3 * :step, case i % 3 when 0 then 'opened' when 1 then 'severity-raised' else 'resolved' end,
  'First alert of a rule from alertmanager.', 'nunchi', 'Nunchi', 'rule', '{}'
from numbers`

const NOTIFICATIONS = `
insert into notification select 'default', printf('01INC%021d', i), 'slack', 'idle', 1, '1763694860.' || printf('%06d', i % 1000000), 'C0123456789', 'https://example.slack.com/archives/C0123456789/p1763694860' || i,
  case when i < :open then '{"isResolved":true,"reopenCount":0,"isFlapping":false}' else '{"isResolved":false,"reopenCount":0,"isFlapping":false}' end, null, null, null, null, :begin + i * :step,
  null, null, null, null, null
from numbers`

/** Fills an empty data folder with a history, by the schema of this version. Ten million events take some minutes. */
export async function buildHistory(dataDir: string, size: HistorySize): Promise<void> {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'nunchi.db')
  const kysely = openDatabase(databaseLocation(`sqlite:${path}`))
  await migrateToLatest(migratable(kysely))
  await kysely.destroy()
  using db = new DatabaseSync(path)
  db.exec('pragma synchronous = off; pragma cache_size = -1000000; pragma temp_store = memory')
  const now = Date.now()
  const begin = now - SPAN_MS
  const open = size.incidents - size.openIncidents
  const values = {
    begin,
    now,
    open,
    rule: 'Rule',
    step: Math.floor(SPAN_MS / size.incidents),
    alerts: size.alerts,
    eventStep: Math.floor((SPAN_MS * 1000) / size.events),
  }
  fill(db, INCIDENTS, size.incidents, values)
  fill(db, ALERTS, size.alerts, values)
  fill(db, EVENTS, size.events, values)
  fill(db, TIMELINE, size.incidents * 3, values)
  fill(db, NOTIFICATIONS, size.incidents, values)
  db.exec(`insert into sequence values ('default', 'incident', ${size.incidents + 1})`)
  db.exec('pragma wal_checkpoint(truncate)')
}

function fill(
  db: DatabaseSync,
  statement: string,
  rows: number,
  values: Readonly<Record<string, number | string>>,
): void {
  const numbered = statement.replace(
    /^\s*insert into (\w+) /,
    'with recursive numbers(i) as (select :from union all select i + 1 from numbers where i + 1 < :to) insert into $1 ',
  )
  const insert = db.prepare(numbered)
  insert.setAllowUnknownNamedParameters(true)
  for (let from = 0; from < rows; from += STEP) insert.run({ ...values, from, to: Math.min(rows, from + STEP) })
}
