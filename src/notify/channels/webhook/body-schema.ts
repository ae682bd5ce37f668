import * as z from 'zod'
import { INCIDENT_STATUSES } from '../../../domain/incident.ts'
import { SEVERITIES } from '../../../domain/severity.ts'
import { MESSAGE_PURPOSES } from '../../channel.ts'

const Instant = z.string().meta({
  format: 'date-time',
  description: 'ISO 8601 in UTC with milliseconds.',
  examples: ['2026-01-05T12:00:00.000Z'],
})
const Party = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: 'Party', description: 'A person, a key or Nunchi itself.' })
const Severity = z.enum(SEVERITIES)
const Labels = z.record(z.string(), z.string())
const Link = z.string().optional()

const Incident = z
  .object({
    id: z.string(),
    number: z.int(),
    name: z.string().meta({ description: 'What people say.', examples: ['INC-1042'] }),
    version: z.int().meta({ description: 'Grows with every change: the higher one is the newer state.' }),
    title: z.string(),
    severity: Severity,
    status: z.enum(INCIDENT_STATUSES),
    service: z.string(),
    cluster: z.string(),
    namespace: z.string(),
    environment: z.string(),
    source: z.string(),
    startedAt: Instant,
    openedAt: Instant,
    acknowledgedAt: Instant.nullable(),
    acknowledgedBy: Party.nullable(),
    resolvedAt: Instant.nullable(),
    resolvedBy: Party.nullable(),
    firing: z.int().meta({ description: 'Alerts that fire now, of `total`.' }),
    total: z.int(),
    owner: Party.nullable(),
    isNoise: z.boolean(),
    isFlapping: z.boolean(),
    resolvesAt: Instant.nullable().meta({
      description: 'Every alert is clear: it resolves by itself then, unless one fires again.',
    }),
    reopenCount: z.int(),
    silence: z.object({ until: Instant.nullable() }).nullable().meta({
      description: 'Nobody is disturbed by it until then; `until: null` = as long as it is open. Null = not silenced.',
    }),
    isSeverityPinned: z
      .boolean()
      .meta({ description: 'A person set the severity: alerts may raise it, and never lower it.' }),
    correlation: z
      .object({ key: z.string(), text: z.string() })
      .meta({ description: 'Why these alerts are one incident.' }),
    updatedAt: Instant,
  })
  .meta({ description: 'As `GET /api/v1/incidents/{id}` shows it, when the message was made.' })

const Alert = z
  .object({
    title: z.string(),
    labels: Labels,
    annotations: Labels,
    links: z
      .object({ generator: Link, runbook: Link, dashboard: Link, panel: Link, silence: Link, image: Link })
      .meta({ description: 'http(s) links that the sender gave. They are untrusted: show where they lead.' }),
    startsAt: Instant,
    endsAt: Instant.nullable(),
  })
  .meta({ description: 'The alert that stands for the incident.' })

/** The body of an outgoing webhook. Fields may be added to this version; what is there keeps its name and meaning. */
export const webhookBodySchema = z.object({
  version: z.literal('1'),
  event: z.enum(MESSAGE_PURPOSES).meta({
    description:
      '`firing` and `resolved` as the first of a thread show the incident as it is; the others are news about it.',
  }),
  deliveryId: z.string().meta({ description: 'The `Idempotency-Key`: what was seen with this id is not new.' }),
  sentAt: Instant,
  environment: z.string().meta({ description: 'Which installation of Nunchi speaks.' }),
  thread: z.object({
    id: z.string().meta({ description: 'The same for all that is told of one incident: its id.' }),
    isRoot: z.boolean().meta({ description: 'True for what is told of it first.' }),
  }),
  incident: Incident,
  incidentUrl: z.string().nullable().meta({ description: 'Its page; null where no public address is configured.' }),
  alert: Alert,
  differing: z.array(z.object({ name: z.string(), values: z.array(z.string()), more: z.int() })).meta({
    description: 'Labels in which its alerts differ, each with up to five values and how many more there are.',
  }),
  notes: z
    .array(z.object({ by: z.string(), text: z.string(), at: Instant }))
    .meta({ description: 'What `note` tells, oldest first.' }),
  raisedFrom: Severity.nullable().meta({ description: 'The severity before `severity-raised`.' }),
})

export type WebhookBody = z.infer<typeof webhookBodySchema>

/** The JSON Schema of the body as its file holds it. It lets further fields pass, because later versions add some. */
export function webhookBodyJsonSchemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(webhookBodySchema, { io: 'input' })
  const title = 'Nunchi outgoing webhook, version 1'
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`
}
