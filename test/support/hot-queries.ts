import type { HttpDeps } from '../../src/http/http-deps.ts'
import { deleteEventsBefore } from '../../src/intake/retention-queries.ts'
import { claimDueJobs } from '../../src/jobs/claim-due-jobs.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import { observedEventOf, type TestDoor } from './test-door.ts'

/** Something that the product asks of a large database while people or senders wait. */
export interface HotQuery {
  readonly name: string
  /** The indexes that it lives by, `table.index`; `primary` is the primary key. */
  readonly uses: readonly string[]
  readonly run: (door: TestDoor) => Promise<unknown>
}

const LIST = '/api/v1/incidents'
const get = (path: string) => async (door: TestDoor) => {
  const { status, body } = await door.get(path)
  if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`)
}

/** What is asked of a database that `buildHistory` filled. */
export const HOT_QUERIES: readonly HotQuery[] = [
  { name: 'the inbox', uses: ['incident.incident_inbox'], run: get(LIST) },
  {
    name: 'the inbox of one status and severity',
    uses: ['incident.incident_inbox'],
    run: get(`${LIST}?status=resolved&severity=critical`),
  },
  { name: 'the inbox of one service', uses: ['incident.incident_by_service'], run: get(`${LIST}?service=service-7`) },
  {
    name: 'the inbox of a cluster and a namespace',
    uses: ['incident.incident_inbox'],
    run: get(`${LIST}?cluster=cluster-1&namespace=namespace-7`),
  },
  { name: 'incidents, newest first', uses: ['incident.incident_by_time'], run: get(`${LIST}?sort=-startedAt`) },
  {
    name: 'words that few have',
    uses: ['incident_term.primary', 'incident.primary'],
    run: get(`${LIST}?q=node-1234`),
  },
  {
    name: 'words that many have',
    uses: ['incident_term.primary', 'incident.incident_inbox'],
    run: get(`${LIST}?q=rule`),
  },
  { name: 'an incident by its name', uses: ['incident.incident_number'], run: get(`${LIST}/INC-12`) },
  {
    name: 'the alerts of an incident',
    uses: ['alert.alert_by_incident'],
    run: get(`${LIST}/INC-12/alerts`),
  },
  { name: 'the timeline of an incident', uses: ['timeline_entry.primary'], run: get(`${LIST}/INC-12/timeline`) },
  {
    name: 'the counts of the inbox',
    uses: ['incident.incident_inbox', 'incident.incident_by_resolved'],
    run: get(`${LIST}/counts`),
  },
  { name: 'what happened, by hour and service', uses: ['activity.primary'], run: get('/api/v1/stats?groupBy=service') },
  { name: 'alerts, newest first', uses: ['alert.primary'], run: get('/api/v1/alerts') },
  {
    name: 'the observations of an alert',
    uses: ['alert_event.alert_event_by_alert'],
    run: get(`/api/v1/alerts/01ALE${'12'.padStart(21, '0')}/events`),
  },
  {
    name: 'folding alerts that are new, known and over',
    uses: ['alert.alert_current', 'incident.incident_open_key', 'incident.incident_by_key'],
    run: async ({ deps }) => await inTransaction(deps.db, async (tx) => await deps.fold(tx, eventsToFold(deps))),
  },
  {
    name: 'acknowledging an incident',
    uses: ['incident.incident_number', 'incident.primary'],
    run: async (door) => await door.post(`${LIST}/INC-12/acknowledge`),
  },
  {
    name: 'looking for jobs that are due',
    uses: ['job.job_due'],
    run: async ({ deps }) => await claimDueJobs(deps.db, jobsOf(deps)),
  },
  {
    name: 'forgetting old events',
    uses: ['alert_event.primary'],
    run: async ({ deps }) =>
      await deleteEventsBefore(deps.db, 'default', {
        after: '',
        before: `01EVE${'500'.padStart(21, '0')}`,
        limit: 100,
      }),
  },
]

function eventsToFold(deps: HttpDeps) {
  const alertnames = Array.from({ length: 40 }, (_, i) => `Rule${i}`)
  return alertnames.map((alertname, index) =>
    observedEventOf({ alertname, labels: { service: `service-${index}` } }, { now: deps.now(), deliverySeq: 1, index }),
  )
}

function jobsOf(deps: HttpDeps) {
  return { now: deps.now(), limit: 16, leaseMs: 1000, owner: 'plans', closed: { busy: [], urgentOnly: [] } }
}
