import { sql } from 'kysely'
import { type Incident, UNTOUCHED } from '../../src/domain/incident.ts'
import { termsOfIncident } from '../../src/domain/search-terms.ts'
import { wordsOfTerms } from '../../src/incidents/search-index-repository.ts'
import { type DatabaseLocation, type Db, migratable, openDatabase } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'
import type { Schema } from '../../src/store/schema.ts'

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
/** Rows of one statement. Larger ones only make the journal grow, and meet the time limits of servers. */
const STEP = 50_000
const SERVICES = 40
/** Connections that fill a server; a SQLite file has one writer anyway. */
const BUILDERS = 2

/** The few words that engines spell differently. */
interface Spelling {
  /** An expression as text with zeros in front. */
  readonly pad: (number: string, length: number) => string
  /** A select that yields the integers `i` from `from` to below `to`. */
  readonly numbers: (from: number, to: number) => string
  /** Division that yields an integer. */
  readonly div: (a: string, b: string | number) => string
}

const SPELLINGS: Readonly<Record<DatabaseLocation['kind'], Spelling>> = {
  sqlite: {
    pad: (number, length) => `printf('%0${length}d', ${number})`,
    numbers: (from, to) =>
      `with recursive n(i) as (select ${from} union all select i + 1 from n where i + 1 < ${to}) select i from n`,
    div: (a, b) => `(${a}) / (${b})`,
  },
  postgres: {
    pad: (number, length) => `lpad((${number})::text, ${length}, '0')`,
    numbers: (from, to) => `select i from generate_series(${from}::bigint, ${to - 1}::bigint) as n(i)`,
    div: (a, b) => `(${a}) / (${b})`,
  },
  mysql: {
    pad: (number, length) => `lpad(${number}, ${length}, '0')`,
    // Recursion is bounded there: five digits, each any of ten.
    numbers: (from, to) => {
      const digits =
        '(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)'
      const tables = [1, 10, 100, 1000, 10_000].map((_, i) => `${digits} as t${i}`).join(' cross join ')
      return `select ${from} + t0.d + 10 * t1.d + 100 * t2.d + 1000 * t3.d + 10000 * t4.d as i from ${tables} having i < ${to}`
    },
    div: (a, b) => `(${a}) div (${b})`,
  },
}

interface Plan {
  readonly db: Db
  readonly size: HistorySize
  readonly spelling: Spelling
  readonly begin: number
  readonly now: number
}

/**
 * Fills a database that holds nothing yet with a history, by the schema of this version, on any engine. The rows are made by
 * the engine itself, so that ten million events need no loop here; they take some minutes all the same.
 */
export async function buildHistory(location: DatabaseLocation, size: HistorySize): Promise<void> {
  // Statements that make fifty thousand rows take longer than any that the product asks.
  const patient =
    location.kind === 'sqlite' ? location : { ...location, poolSize: BUILDERS, statementTimeoutMs: 600_000 }
  const db = openDatabase(patient)
  try {
    await migrateToLatest(migratable(db))
    await makeQuick(db, location.kind)
    await fillAll(db, location.kind, size)
  } finally {
    await db.destroy()
  }
}

async function fillAll(db: Db, kind: DatabaseLocation['kind'], size: HistorySize): Promise<void> {
  const now = Date.now()
  const plan: Plan = { db, size, spelling: SPELLINGS[kind], begin: now - SPAN_MS, now }
  await fill(plan, 'incident', size.incidents, incidentColumns(plan))
  await fill(plan, 'alert', size.alerts, alertColumns(plan))
  await fill(plan, 'alert_event', size.events, eventColumns(plan))
  await fill(plan, 'timeline_entry', size.incidents * 3, timelineColumns(plan))
  await fill(plan, 'notification', size.incidents, notificationColumns(plan))
  await fillActivity(plan)
  await indexWords(db, size.incidents)
  await db
    .insertInto('sequence')
    .values({ tenant_id: 'default', name: 'incident', value: size.incidents + 1 })
    .execute()
  await sql.raw(ANALYSE[kind]).execute(db)
}

/** What servers find out by themselves a minute later, and SQLite when it is told. */
const ANALYSE: Readonly<Record<DatabaseLocation['kind'], string>> = {
  sqlite: 'pragma wal_checkpoint(truncate)',
  postgres: 'vacuum analyze',
  mysql:
    'analyze table incident, alert, alert_event, timeline_entry, notification, incident_term, activity, activity_series',
}

async function makeQuick(db: Db, kind: DatabaseLocation['kind']): Promise<void> {
  if (kind !== 'sqlite') return
  for (const pragma of ['synchronous = off', 'cache_size = -1000000', 'temp_store = memory'])
    await sql.raw(`pragma ${pragma}`).execute(db)
}

type Columns = Readonly<Record<string, string | number>>

/** Every row is made of its number `i`. */
async function fill({ db, spelling }: Plan, table: keyof Schema, rows: number, columns: Columns): Promise<void> {
  const names = Object.keys(columns).join(', ')
  const values = Object.values(columns).join(', ')
  await inSteps(rows, STEP, async (from, to) => {
    const numbers = spelling.numbers(from, to)
    await sql.raw(`insert into ${table} (${names}) select ${values} from (${numbers}) as rows_by_number`).execute(db)
  })
}

/** Does `work` for each stretch of the numbers below `count`, a few stretches at a time. */
async function inSteps(count: number, step: number, work: (from: number, to: number) => Promise<void>): Promise<void> {
  let next = 0
  const build = async (): Promise<void> => {
    while (next < count) {
      const from = next
      next += step
      await work(from, Math.min(count, from + step))
    }
  }
  await Promise.all(Array.from({ length: BUILDERS }, build))
}

const text = (...parts: readonly (string | number)[]): string => `concat(${parts.join(', ')})`
const SEVERITY_RANK = 'case when i % 10 < 2 then 5 when i % 10 < 7 then 3 else 2 end'
const SERVICE_NUMBER = `(i * 7919 % ${SERVICES})`

function incidentColumns({ size, spelling: { pad }, begin, now }: Plan): Columns {
  const open = size.incidents - size.openIncidents
  const at = `${begin} + i * ${Math.floor(SPAN_MS / size.incidents)}`
  const service = text("'service-'", SERVICE_NUMBER)
  const labels = text(
    `'{"alertname":"Rule'`,
    'i % 300',
    `'","severity":"warning","service":"service-'`,
    SERVICE_NUMBER,
    `'","cluster":"cluster-'`,
    'i % 3',
    `'","namespace":"namespace-'`,
    'i % 11',
    `'"}'`,
  )
  const resolvedAt = `case when ${at} + 1800000 < ${now} then ${at} + 1800000 else ${now} end`
  return {
    tenant_id: "'default'",
    id: text("'01INC'", pad('i', 21)),
    number: 'i + 1',
    version: 3,
    source: "'alertmanager'",
    correlation_key: pad('i', 64),
    correlation_text: text("'Rule'", 'i % 300', "'|warning|service-'", SERVICE_NUMBER),
    open_key: `case when i >= ${open} then ${pad('i', 64)} end`,
    title: text("'Rule'", 'i % 300', "' on node-'", 'i % 5000', "'.zone-b.example.com'"),
    status_rank: `case when i < ${open} then 2 when i % 4 = 0 then 1 else 0 end`,
    severity_rank: SEVERITY_RANK,
    service,
    cluster: text("'cluster-'", 'i % 3'),
    namespace: text("'namespace-'", 'i % 11'),
    environment: "'production'",
    labels,
    started_at: at,
    opened_at: at,
    resolved_at: `case when i < ${open} then ${resolvedAt} end`,
    resolved_by: `case when i < ${open} then '{"id":"nunchi","name":"Nunchi"}' end`,
    alert_count: 5,
    firing_count: `case when i < ${open} then 0 else 5 end`,
    firing: `case when i < ${open} then '{}' else '{"warning":5}' end`,
    reopen_count: 0,
    flap_count: 0,
    is_flapping: 0,
    is_noise: 0,
    peak_rank: SEVERITY_RANK,
    is_severity_pinned: 0,
    updated_at: at,
  }
}

function alertColumns({ size, spelling: { pad, div }, begin }: Plan): Columns {
  const open = size.incidents - size.openIncidents
  const incident = div('i', 5)
  const at = `${begin} + ${incident} * ${Math.floor(SPAN_MS / size.incidents)}`
  // Spread over all values, as fingerprints are.
  const fingerprint = text(pad('i * 2654435761 % 4294967296', 10), pad('i', 8))
  const node = text("'node-'", 'i % 5000', "'.zone-b.example.com'")
  return {
    tenant_id: "'default'",
    id: text("'01ALE'", pad('i', 21)),
    source: "'alertmanager'",
    fingerprint,
    current_key: text("'alertmanager/'", fingerprint),
    incident_id: text("'01INC'", pad(incident, 21)),
    status: `case when ${incident} < ${open} then 'resolved' else 'firing' end`,
    severity_rank: SEVERITY_RANK,
    title: text("'Probe of node-'", 'i % 5000', "' fails'"),
    starts_at: at,
    starts_at_text: "'2026-11-21T03:14:20.819Z'",
    ends_at: `case when ${incident} < ${open} then ${at} + 1800000 end`,
    content_hash: 'i',
    changed_at: at,
    first_seen_at: at,
    last_seen_at: at,
    occurrences: 1,
    labels: text(
      `'{"alertname":"Rule'`,
      'i % 300',
      `'","severity":"warning","service":"service-'`,
      `i % ${SERVICES}`,
      `'","cluster":"cluster-1","namespace":"namespace-7","instance":"'`,
      node,
      `':9100","job":"node-exporter"}'`,
    ),
    annotations: text(
      `'{"summary":"The probe fails","description":"The probe of '`,
      node,
      `':9100 fails; a service may be down.","runbook_url":"https://runbooks.example.com/rule'`,
      'i % 300',
      `'"}'`,
    ),
    links: `'{"generator":"http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"}'`,
  }
}

/** Events of one alert do not lie side by side, as they do not when they come in. */
function eventColumns({ size, spelling: { pad, div }, begin }: Plan): Columns {
  const alert = `i * 7919 % ${size.alerts}`
  const at = `${begin} + ${div(`i * ${Math.floor((SPAN_MS * 1000) / size.events)}`, 1000)}`
  return {
    tenant_id: "'default'",
    id: text("'01EVE'", pad('i', 21)),
    alert_id: text("'01ALE'", pad(alert, 21)),
    incident_id: text("'01INC'", pad(div(alert, 5), 21)),
    source: "'alertmanager'",
    source_kind: "'alertmanager'",
    delivery_seq: div('i', 10),
    delivery_index: 'i % 10',
    received_at: at,
    status: "case when i % 2 = 0 then 'firing' else 'resolved' end",
    observation: "case when i % 2 = 0 then 'fired' else 'cleared' end",
    severity_rank: SEVERITY_RANK,
    starts_at: at,
    raw: "''",
  }
}

function timelineColumns({ size, spelling: { pad, div }, begin }: Plan): Columns {
  return {
    tenant_id: "'default'",
    id: text("'01TIM'", pad('i', 21)),
    incident_id: text("'01INC'", pad(div('i', 3), 21)),
    at: `${begin} + ${div('i', 3)} * ${Math.floor(SPAN_MS / size.incidents)}`,
    kind: "case i % 3 when 0 then 'opened' when 1 then 'severity-raised' else 'resolved' end",
    reason: "'First alert of a rule from alertmanager.'",
    actor_id: "'nunchi'",
    actor_name: "'Nunchi'",
    actor_via: "'rule'",
    data: "'{}'",
  }
}

function notificationColumns({ size, spelling: { pad }, begin }: Plan): Columns {
  const open = size.incidents - size.openIncidents
  const shown = (isResolved: boolean): string => `'{"isResolved":${isResolved},"reopenCount":0,"isFlapping":false}'`
  return {
    tenant_id: "'default'",
    incident_id: text("'01INC'", pad('i', 21)),
    channel_id: "'slack'",
    state: "'idle'",
    generation: 1,
    root_id: text("'1763694860.'", pad('i % 1000000', 6)),
    root_place: "'C0123456789'",
    root_link: text("'https://example.slack.com/archives/C0123456789/p1763694860'", 'i'),
    shown: `case when i < ${open} then ${shown(true)} else ${shown(false)} end`,
    updated_at: `${begin} + i * ${Math.floor(SPAN_MS / size.incidents)}`,
  }
}

/** Roll-ups of every hour and day, for each service at three severities. */
async function fillActivity(plan: Plan): Promise<void> {
  const { spelling, begin } = plan
  const series = {
    tenant_id: "'default'",
    id: text("'series-'", 'i'),
    source: "'alertmanager'",
    service: text("'service-'", 'i'),
    cluster: "'cluster-1'",
  }
  await fill(plan, 'activity_series', SERVICES, series)
  for (const stepHours of [1, 24]) {
    const stepMs = stepHours * 3_600_000
    const first = Math.floor(begin / stepMs) * stepMs
    const perStep = SERVICES * 3
    const columns = {
      tenant_id: "'default'",
      step_hours: stepHours,
      at: `${first} + ${spelling.div('i', perStep)} * ${stepMs}`,
      series_id: text("'series-'", `${spelling.div('i', 3)} % ${SERVICES}`),
      severity_rank: 'case i % 3 when 0 then 2 when 1 then 3 else 5 end',
      ...Object.fromEntries(['fired_late', 'updated', 'closed_unseen', 'stale', 'reopened'].map((name) => [name, 0])),
      ...Object.fromEntries(['fired', 'cleared', 'repeated'].map((name) => [name, 'i % 100'])),
      ...Object.fromEntries(['opened', 'acknowledged', 'resolved'].map((name) => [name, 'i % 3'])),
    }
    await fill(plan, 'activity', Math.ceil(SPAN_MS / stepMs) * perStep, columns)
  }
}

const INDEXED_AT_ONCE = 500

/** The index of the search, with the terms that the product would make. */
async function indexWords(db: Db, incidents: number): Promise<void> {
  await inSteps(incidents, INDEXED_AT_ONCE, async (from, to) => {
    const rows = await db
      .selectFrom('incident')
      .select(['id', 'number', 'title', 'service', 'cluster', 'namespace', 'environment', 'correlation_text', 'labels'])
      .where('tenant_id', '=', 'default')
      .where('number', '>', from)
      .where('number', '<=', to)
      .execute()
    const terms = rows.map((row) => {
      const { number, correlation_text: correlationText, labels, ...fields } = row
      const known = { ...UNTOUCHED, ...fields, number: Number(number), correlationText, labels: JSON.parse(labels) }
      return { id: row.id, terms: termsOfIncident(known as unknown as Incident) }
    })
    await db.transaction().execute(async (tx) => {
      const values = terms.flatMap(({ id, terms: ofOne }) =>
        ofOne.map((term) => ({ tenant_id: 'default', term, incident_id: id })),
      )
      for (let i = 0; i < values.length; i += 1000)
        await tx
          .insertInto('incident_term')
          .values(values.slice(i, i + 1000))
          .execute()
      const cases = sql.join(
        terms.map(({ id, terms: ofOne }) => sql`when ${id} then ${wordsOfTerms(ofOne)}`),
        sql` `,
      )
      const ids = sql.join(terms.map(({ id }) => id))
      await sql`update incident set words = case id ${cases} end where tenant_id = 'default' and id in (${ids})`.execute(
        tx,
      )
    })
  })
}
