import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { WebhookAlert } from './generate-alerts.ts'

/** An alert that a sender was told is safe: the body that carried it was answered 2xx. */
export interface AckedAlert {
  readonly source: string
  readonly alert: Pick<WebhookAlert, 'fingerprint' | 'startsAt' | 'status'>
}

/** A message of the fake Slack, as far as the invariants look at it. */
export interface SeenMessage {
  readonly ts: string
  readonly threadTs: string | null
  readonly incidentId: string | null
}

export interface InvariantInput {
  readonly dataDir: string
  readonly acked?: readonly AckedAlert[]
  /** Messages that are visible in Slack now; null = Slack was not part of the run. */
  readonly messages?: readonly SeenMessage[] | null
  /** False while Slack is down on purpose: what is wanted may not be shown yet. */
  readonly expectsShown?: boolean
}

type Row = Record<string, string | number | null>

/**
 * Looks at the stored state and at what Slack shows, and answers every violation of I1 (nothing lost), I3 (one root per
 * incident and channel, replies under it), I4 (the latest state is shown), the ledger, and the counts that
 * incidents keep of their alerts. Empty = all hold. The product must be quiet: nothing left to fold or to send.
 */
export function findViolations(input: InvariantInput): readonly string[] {
  const db = new DatabaseSync(join(input.dataDir, 'nunchi.db'), { readOnly: true })
  try {
    return [
      ...lostAlerts(db, input.acked ?? []),
      ...unfoldedDeliveries(db, input.dataDir),
      ...ledgerGaps(db),
      ...wrongCounts(db),
      ...doubleOpenIncidents(db),
      ...slackViolations(db, input.messages ?? null),
      ...(input.expectsShown === false ? [] : untoldStates(db)),
    ]
  } finally {
    db.close()
  }
}

/** Fails with every violation that `findViolations` answers. */
export function assertInvariants(input: InvariantInput): void {
  const violations = findViolations(input)
  if (violations.length > 0)
    throw new Error(`${violations.length} invariant violation(s):\n${violations.slice(0, 30).join('\n')}`)
}

function all(db: DatabaseSync, sql: string, ...parameters: (string | number)[]): Row[] {
  return db.prepare(sql).all(...parameters) as Row[]
}

/** I1: what was acknowledged is stored, and reflected in exactly one incident unless only its end was ever told. */
function lostAlerts(db: DatabaseSync, acked: readonly AckedAlert[]): string[] {
  // Read at once: a query for each of a storm's alerts would be a scan for each.
  const stored =
    acked.length === 0
      ? []
      : all(db, 'select source, fingerprint, incident_id, starts_at from alert order by starts_at desc')
  const episodes = Map.groupBy(stored, ({ source, fingerprint }) => `${source}/${fingerprint}`)
  const fired = new Set(
    acked.filter(({ alert }) => alert.status === 'firing').map(({ source, alert }) => `${source}/${alert.fingerprint}`),
  )
  return acked.flatMap(({ source, alert }) => {
    const rows = episodes.get(`${source}/${alert.fingerprint}`) ?? []
    const what = `${alert.status} ${alert.fingerprint} of ${source}, begun ${alert.startsAt}`
    if (rows.length === 0) return [`I1: acknowledged and lost: ${what}`]
    if (Number(rows[0]?.starts_at) < Date.parse(alert.startsAt))
      return [`I1: acknowledged, but only an older episode is stored: ${what}`]
    if (fired.has(`${source}/${alert.fingerprint}`) && rows.every((row) => row.incident_id === null))
      return [`I1: acknowledged and in no incident: ${what}`]
    return []
  })
}

/** Everything in the log is folded, exactly up to its end. */
function unfoldedDeliveries(db: DatabaseSync, dataDir: string): string[] {
  const path = join(dataDir, 'deliveries.db')
  if (!existsSync(path)) return ['I1: the delivery log is gone']
  const log = new DatabaseSync(path, { readOnly: true })
  const { first, last } = all(log, 'select min(seq) as first, coalesce(max(seq), 0) as last from delivery')[0] as Row
  const logged = all(log, 'select source, count(*) as n from delivery group by source')
  log.close()
  const position = Number(all(db, 'select coalesce(max(seq), 0) as seq from log_position')[0]?.seq)
  const deferred = Number(all(db, 'select count(*) as n from deferred_delivery')[0]?.n)
  return [
    ...(position === last ? [] : [`I1: folded up to ${position}, the log ends at ${last}`]),
    ...(deferred === 0 ? [] : [`I1: ${deferred} large deliveries are not folded`]),
    // Where the beginning of the log was forgotten, the ledger knows more than the log.
    ...(first === 1 ? skippedDeliveries(db, logged) : []),
  ]
}

/** Each delivery is folded once: one that was passed over, or folded twice, shows in the ledger and nowhere else. */
function skippedDeliveries(db: DatabaseSync, logged: readonly Row[]): string[] {
  const rows = all(db, 'select source, deliveries from source_ledger')
  const folded = new Map(rows.map(({ source, deliveries }) => [source, deliveries]))
  return logged
    .filter(({ source, n }) => folded.get(source ?? '') !== n)
    .map(({ source, n }) => `I1: ${n} deliveries of ${source} are in the log, ${folded.get(source ?? '')} were folded`)
}

function ledgerGaps(db: DatabaseSync): string[] {
  return all(
    db,
    'select * from source_ledger where events_read <> events_linked + events_suppressed + events_quarantined',
  ).map((row) => `Ledger of ${row.source} does not add up: ${JSON.stringify(row)}`)
}

/** The counts that an incident keeps are those of its alerts. */
function wrongCounts(db: DatabaseSync): string[] {
  const rows = all(
    db,
    `select i.number, i.alert_count, i.firing_count, count(a.id) as alerts, coalesce(sum(a.status = 'firing'), 0) as firing
     from incident i left join alert a on a.tenant_id = i.tenant_id and a.incident_id = i.id
     group by i.tenant_id, i.id having i.alert_count <> count(a.id) or i.firing_count <> coalesce(sum(a.status = 'firing'), 0)`,
  )
  return rows.map(
    (row) =>
      `INC-${row.number} says ${row.firing_count} of ${row.alert_count} firing, its alerts say ${row.firing} of ${row.alerts}`,
  )
}

function doubleOpenIncidents(db: DatabaseSync): string[] {
  return all(
    db,
    'select correlation_text, count(*) as n from incident where status_rank < 2 group by tenant_id, correlation_key having count(*) > 1',
  ).map((row) => `I3: ${row.n} open incidents for the key ${row.correlation_text}`)
}

/**
 * I3: one root per incident, every reply under it. A root that was deleted on purpose is not among the visible messages,
 * and what was said under it before is not held against anybody.
 */
function slackViolations(db: DatabaseSync, messages: readonly SeenMessage[] | null): string[] {
  if (messages === null) return []
  const rootOf = new Map(
    all(db, 'select incident_id, root_id from notification').map((row) => [
      String(row.incident_id),
      String(row.root_id),
    ]),
  )
  const visible = new Set(messages.map(({ ts }) => ts))
  const rootsByIncident = new Map<string, number>()
  const violations: string[] = []
  for (const message of messages) {
    if (message.incidentId === null) continue
    if (message.threadTs === null || message.threadTs === message.ts)
      rootsByIncident.set(message.incidentId, (rootsByIncident.get(message.incidentId) ?? 0) + 1)
    else if (visible.has(message.threadTs) && message.threadTs !== rootOf.get(message.incidentId))
      violations.push(
        `I3: reply ${message.ts} of ${message.incidentId} is under ${message.threadTs}, its root is ${rootOf.get(message.incidentId)}`,
      )
  }
  for (const [incidentId, count] of rootsByIncident)
    if (count > 1) violations.push(`I3: ${count} roots for incident ${incidentId}`)
  return violations
}

/** I4: what a channel shows is what the incident is, by a thread of its own or by a digest, and nothing is under way. */
function untoldStates(db: DatabaseSync): string[] {
  const rows = all(
    db,
    `select i.number, i.status_rank, n.state, n.shown from incident i left join notification n on n.tenant_id = i.tenant_id and n.incident_id = i.id
     where n.incident_id is null or n.state not in ('idle', 'digested') or n.shown is null or json_extract(n.shown, '$.isResolved') <> (i.status_rank = 2)
       or n.state = 'digested' and not exists (select 1 from digest d where d.tenant_id = n.tenant_id and d.id = n.digest_id and d.root_id is not null)`,
  )
  const digests = all(db, "select id, state from digest where state <> 'idle' or root_id is null")
  return [
    ...digests.map(({ id, state }) => `I4: the digest ${id} is not shown, state ${state}`),
    ...rows.map(
      (row) =>
        `I4: INC-${row.number} (status ${row.status_rank}) is shown as ${row.shown ?? 'nothing'}, state ${row.state ?? 'none'}`,
    ),
  ]
}
