import type { StoredRow } from './ask-database.ts'
import { activityViolations } from './check-activity.ts'
import { type DeliveryLogState, deliveryLogState } from './delivery-log-state.ts'
import type { WebhookAlert } from './generate-alerts.ts'
import type { ProductPlace } from './product-place.ts'
import { queryMain } from './query-product.ts'

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
  readonly place: ProductPlace
  readonly acked?: readonly AckedAlert[]
  /** Messages that are visible in Slack now; null = Slack was not part of the run. */
  readonly messages?: readonly SeenMessage[] | null
  /** False while Slack is down on purpose: what is wanted may not be shown yet. */
  readonly expectsShown?: boolean
}

/** Asks the stored state. */
type Ask = (sql: string) => Promise<StoredRow[]>

/**
 * Looks at the stored state and at what Slack shows, and answers every violation of I1 (nothing lost), I3 (one root per
 * incident and channel, replies under it), I4 (the latest state is shown), the ledger, the counts that
 * incidents keep of their alerts, and the roll-ups. Empty = all hold. The product must be quiet: nothing left to fold or to send.
 */
export async function findViolations(input: InvariantInput): Promise<readonly string[]> {
  const ask: Ask = async (sql) => await queryMain(input.place, sql)
  const found = [
    await lostAlerts(ask, input.acked ?? []),
    await unfoldedDeliveries(ask, await deliveryLogState(input.place)),
    await ledgerGaps(ask),
    await wrongCounts(ask),
    await doubleOpenIncidents(ask),
    await activityViolations(ask),
    await slackViolations(ask, input.messages ?? null),
    input.expectsShown === false ? [] : await untoldStates(ask),
  ]
  return found.flat()
}

/** Fails with every violation that `findViolations` answers. */
export async function assertInvariants(input: InvariantInput): Promise<void> {
  const violations = await findViolations(input)
  if (violations.length > 0)
    throw new Error(`${violations.length} invariant violation(s):\n${violations.slice(0, 30).join('\n')}`)
}

/** I1: what was acknowledged is stored, and reflected in exactly one incident unless only its end was ever told. */
async function lostAlerts(ask: Ask, acked: readonly AckedAlert[]): Promise<string[]> {
  // Read at once: a query for each of a storm's alerts would be a scan for each.
  const stored =
    acked.length === 0
      ? []
      : await ask('select source, fingerprint, incident_id, starts_at from alert order by starts_at desc')
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

/** Everything in the log is folded, exactly up to the end of each partition. */
async function unfoldedDeliveries(ask: Ask, log: DeliveryLogState | null): Promise<string[]> {
  if (log === null) return ['I1: the delivery log is gone']
  const positions = await ask('select log_id, seq from log_position')
  const folded = new Map(positions.map(({ log_id, seq }) => [String(log_id), Number(seq)]))
  const [deferred] = await ask('select count(*) as n from deferred_delivery')
  return [
    ...[...log.lastSeqs]
      .filter(([partition, last]) => folded.get(partition) !== last)
      .map(
        ([name, last]) => `I1: partition ${name} is folded up to ${folded.get(name) ?? 'nothing'} and ends at ${last}`,
      ),
    ...(deferred?.['n'] === 0 ? [] : [`I1: ${deferred?.['n']} large deliveries are not folded`]),
    // Where the beginning of the log was forgotten, the ledger knows more than the log.
    ...(log.isTrimmed ? [] : await skippedDeliveries(ask, log.bySource)),
  ]
}

/** Each delivery is folded once: one that was passed over, or folded twice, shows in the ledger and nowhere else. */
async function skippedDeliveries(ask: Ask, logged: ReadonlyMap<string, number>): Promise<string[]> {
  const rows = await ask('select source, deliveries from source_ledger')
  const folded = new Map(rows.map(({ source, deliveries }) => [source, deliveries]))
  return [...logged]
    .filter(([source, n]) => folded.get(source) !== n)
    .map(([source, n]) => `I1: ${n} deliveries of ${source} are in the log, ${folded.get(source)} were folded`)
}

async function ledgerGaps(ask: Ask): Promise<string[]> {
  const rows = await ask(
    'select * from source_ledger where events_read <> events_linked + events_suppressed + events_quarantined',
  )
  return rows.map((row) => `Ledger of ${row.source} does not add up: ${JSON.stringify(row)}`)
}

/** The counts that an incident keeps are those of its alerts. */
async function wrongCounts(ask: Ask): Promise<string[]> {
  const rows = await ask(
    `select i.number, i.alert_count, i.firing_count, count(a.id) as alerts, count(f.id) as firing from incident i
     left join alert a on a.tenant_id = i.tenant_id and a.incident_id = i.id
     left join alert f on f.tenant_id = a.tenant_id and f.id = a.id and f.status = 'firing'
     group by i.tenant_id, i.id, i.number, i.alert_count, i.firing_count
     having i.alert_count <> count(a.id) or i.firing_count <> count(f.id)`,
  )
  return rows.map(
    (row) =>
      `INC-${row.number} says ${row.firing_count} of ${row.alert_count} firing, its alerts say ${row.firing} of ${row.alerts}`,
  )
}

async function doubleOpenIncidents(ask: Ask): Promise<string[]> {
  const rows = await ask(
    'select min(correlation_text) as correlation_text, count(*) as n from incident where status_rank < 2 group by tenant_id, correlation_key having count(*) > 1',
  )
  return rows.map((row) => `I3: ${row.n} open incidents for the key ${row.correlation_text}`)
}

/**
 * I3: one root per incident, every reply under it. A root that was deleted on purpose is not among the visible messages,
 * and what was said under it before is not held against anybody.
 */
async function slackViolations(ask: Ask, messages: readonly SeenMessage[] | null): Promise<string[]> {
  if (messages === null) return []
  const notifications = await ask('select incident_id, root_id from notification')
  const rootOf = new Map(notifications.map((row) => [String(row.incident_id), String(row.root_id)]))
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
async function untoldStates(ask: Ask): Promise<string[]> {
  const rows = await ask(
    `select i.number, i.status_rank, n.state, n.shown, d.root_id as digest_root from incident i
     left join notification n on n.tenant_id = i.tenant_id and n.incident_id = i.id
     left join digest d on d.tenant_id = n.tenant_id and d.id = n.digest_id`,
  )
  const digests = await ask("select id, state from digest where state <> 'idle' or root_id is null")
  return [
    ...digests.map(({ id, state }) => `I4: the digest ${id} is not shown, state ${state}`),
    ...rows
      .filter((row) => !isTold(row))
      .map(
        ({ number, status_rank, shown, state }) =>
          `I4: INC-${number} (status ${status_rank}) is shown as ${shown ?? 'nothing'}, state ${state ?? 'none'}`,
      ),
  ]
}

function isTold({ status_rank, state, shown, digest_root }: StoredRow): boolean {
  if (typeof shown !== 'string') return false
  const { isResolved } = JSON.parse(shown) as { readonly isResolved: boolean }
  if (isResolved !== (status_rank === 2)) return false
  return state === 'idle' || (state === 'digested' && digest_root !== null)
}
