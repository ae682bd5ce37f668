import * as z from 'zod'
import { SEVERITIES } from '../../domain/severity.ts'
import { Instant, PAGE_FIELDS, pageOf, searchedText } from './fields.ts'

const Labels = z.record(z.string(), z.string())
const Link = z.string().optional()
const Status = z.enum(['firing', 'resolved'])

const ALERT_FIELDS = {
  id: z.string(),
  incidentId: z.string().nullable(),
  source: z.string(),
  fingerprint: z.string(),
  status: Status,
  severity: z.enum(SEVERITIES),
  title: z.string(),
  startsAt: Instant,
  endsAt: Instant.nullable(),
  changedAt: Instant,
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  occurrences: z.int().meta({ description: 'Episodes seen. Repetitions, retries and twins do not count.' }),
  condition: z.string().nullable().meta({ description: '`no-data` or `error` when it is not a plain measurement.' }),
  labels: Labels,
  annotations: Labels,
  links: z
    .object({ generator: Link, runbook: Link, dashboard: Link, panel: Link, silence: Link, image: Link })
    .meta({ description: 'http(s) links that the sender gave. They are untrusted: show where they lead.' }),
}

export const Alert = z.object(ALERT_FIELDS).meta({ id: 'Alert' })

const EVENT_FIELDS = {
  id: z.string(),
  alertId: z.string(),
  incidentId: z.string().nullable(),
  source: z.string(),
  sourceKind: z.string(),
  status: Status,
  observation: z
    .string()
    .meta({ description: 'What it meant: fired, fired-late, updated, repeated, cleared, closed-unseen.' }),
  severity: z.enum(SEVERITIES),
  startsAt: Instant,
  endsAt: Instant.nullable(),
  receivedAt: Instant,
  delivery: z
    .object({ seq: z.string(), index: z.int() })
    .meta({ description: 'Where it arrived: the delivery, and the position in it.' }),
}

export const AlertEvent = z.object(EVENT_FIELDS).meta({ id: 'AlertEvent', description: 'One observation of an alert.' })
export const AlertEventPage = pageOf(AlertEvent, 'AlertEventPage')

export const AlertEventWithRaw = z
  .object({
    ...EVENT_FIELDS,
    raw: z.string().nullable().meta({
      description:
        'The sender’s own JSON, as text: exactly what arrived, up to 64 KiB. Null when the delivery is no longer kept, or too large to be opened for a look.',
    }),
  })
  .meta({ id: 'AlertEventWithRaw' })

export const AlertDetail = z
  .object({ ...ALERT_FIELDS, events: AlertEventPage })
  .meta({ id: 'AlertDetail', description: 'An alert with its newest observations.' })

export const AlertListQuery = z.strictObject({
  status: Status.optional(),
  source: searchedText(250).optional(),
  incidentId: searchedText(100).optional(),
  ...PAGE_FIELDS,
})
export const IncidentAlertsQuery = z.strictObject({ status: Status.optional(), ...PAGE_FIELDS })
export const PageQuery = z.strictObject(PAGE_FIELDS)
