import * as z from 'zod'
import { INCIDENT_STATUSES, TIMELINE_KINDS } from '../../domain/incident.ts'
import { INCIDENT_ACTIONS } from '../../domain/incident-actions.ts'
import { SEVERITIES } from '../../domain/severity.ts'
import { INCIDENT_SORTS } from '../../incidents/incident-queries.ts'
import { Alert } from './alert-contract.ts'
import {
  choiceOf,
  Instant,
  InstantInQuery,
  PAGE_FIELDS,
  pageOf,
  requiredText,
  searchedText,
  writtenText,
} from './fields.ts'
import { Problem } from './problem-contract.ts'

export const Severity = z.enum(SEVERITIES).meta({ id: 'Severity' })
export const IncidentStatus = z.enum(INCIDENT_STATUSES).meta({ id: 'IncidentStatus' })
export const Party = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: 'Party', description: 'A person, a key or Nunchi itself.' })
export const Refusal = z
  .enum(['already-there', 'not-allowed-from-here', 'version-changed', 'scope-missing', 'another-is-open'])
  .meta({ id: 'Refusal' })

const OfferedAction = z
  .object({ name: z.enum(INCIDENT_ACTIONS), allowed: z.boolean(), refusal: Refusal.nullable() })
  .meta({ id: 'OfferedAction', description: 'Something the caller may do now, or why not.' })

const SlackState = z
  .object({ state: z.enum(['shown', 'pending', 'blocked', 'none']), url: z.string().nullable() })
  .meta({
    id: 'SlackState',
    description:
      '`shown`: chat says what is true. `pending`: it will. `blocked`: a person must repair something. `none`: no channel was asked.',
  })

const INCIDENT_FIELDS = {
  id: z.string(),
  number: z.int(),
  name: z.string().meta({ description: 'What people say.', examples: ['INC-1042'] }),
  version: z.int().meta({ description: 'Grows with every change; send it with a command.' }),
  title: z.string(),
  severity: Severity,
  status: IncidentStatus,
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
  next: z.null().meta({ description: 'Who is called next, and when; reserved for on-call.' }),
  workflow: z.null().meta({ description: 'The remediation under way; reserved for remediation.' }),
  slack: SlackState,
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
  movedTo: z.string().nullable().meta({ description: 'The channel that a person moved it to.' }),
  correlation: z
    .object({ key: z.string(), text: z.string() })
    .meta({ description: 'Why these alerts are one incident.' }),
  updatedAt: Instant,
  actions: z.array(OfferedAction).meta({ description: 'What this caller may do. Draw only these.' }),
}

export const Incident = z.object(INCIDENT_FIELDS).meta({ id: 'Incident' })
export const IncidentPage = pageOf(Incident, 'IncidentPage')

// Open-ended on purpose: an entry that a newer version wrote must not break the page of its incident.
const EntryKind = z.string().meta({ description: `One of ${TIMELINE_KINDS.join(', ')}.`, examples: ['acknowledged'] })

export const TimelineEntry = z
  .object({
    id: z.string(),
    at: Instant,
    kind: EntryKind,
    reason: z.string(),
    by: Party,
    via: z.string().meta({ description: 'The door: rule, api, web, slack, cli.' }),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'TimelineEntry' })
export const TimelinePage = pageOf(TimelineEntry, 'TimelinePage')

export const AlertPage = pageOf(Alert, 'AlertPage')

export const IncidentDetail = z
  .object({ ...INCIDENT_FIELDS, labels: z.record(z.string(), z.string()), alerts: AlertPage, timeline: TimelinePage })
  .meta({
    id: 'IncidentDetail',
    description: 'An incident with the first alerts (in the order they came) and the newest entries of the timeline.',
  })

export const IncidentCounts = z
  .object({
    needsAction: z.int(),
    acknowledged: z.int(),
    resolved24h: z.int(),
    openBySeverity: z.object({
      critical: z.int(),
      error: z.int(),
      warning: z.int(),
      info: z.int(),
      debug: z.int(),
      success: z.int(),
    }),
  })
  .meta({ id: 'IncidentCounts' })

export const IncidentListQuery = z.strictObject({
  status: choiceOf(INCIDENT_STATUSES),
  severity: choiceOf(SEVERITIES),
  service: choiceOf(),
  cluster: choiceOf(),
  namespace: choiceOf(),
  environment: choiceOf(),
  source: choiceOf(),
  owner: choiceOf().meta({ description: 'Ids of owners, repeated or excluded with `!`; empty = nobody.' }),
  q: searchedText(200).optional().meta({
    description:
      'Words to find in the title, the key, the place, the labels or the names of alerts, each at the beginning of a part of a word (`rate` finds `HighErrorRate`); or a name such as `INC-12`.',
  }),
  from: InstantInQuery.meta({ description: 'Started at or after this instant: ISO 8601, or milliseconds since 1970.' }),
  to: InstantInQuery.meta({ description: 'Started before this instant.' }),
  sort: z
    .enum(INCIDENT_SORTS)
    .default('inbox')
    .meta({ description: '`inbox`: needs action, acknowledged, resolved; then severity; then start, newest first.' }),
  ...PAGE_FIELDS,
})

const LONGEST_REASON = 4000
const ActionFields = {
  version: z.int().min(0).optional().meta({
    description:
      'The version you saw. When it has changed the command is refused with 409 and the incident as it is now. Left away: whatever it is.',
  }),
}

/** The body of acknowledge, unacknowledge, resolve and reopen. */
export const ActionBody = z
  .strictObject({ ...ActionFields, reason: writtenText(LONGEST_REASON).optional() })
  .meta({ examples: [{ reason: 'I am on it' }] })

export const AssignBody = z
  .strictObject({
    ...ActionFields,
    reason: writtenText(LONGEST_REASON).optional(),
    assignee: z
      .object({ id: requiredText(200), name: requiredText(200) })
      .nullable()
      .meta({ description: 'The new owner; null for nobody.' }),
  })
  .meta({ examples: [{ assignee: { id: 'minji', name: 'Minji' } }] })

export const SilenceBody = z
  .strictObject({
    ...ActionFields,
    reason: writtenText(LONGEST_REASON).optional(),
    until: z.iso
      .datetime({ offset: true })
      .nullable()
      .optional()
      .meta({ description: 'When it ends by itself; null or left away: as long as the incident is open.' }),
  })
  .meta({ examples: [{ until: '2026-01-05T16:00:00Z', reason: 'The fix is being rolled out' }] })

export const SeverityBody = z
  .strictObject({ ...ActionFields, reason: writtenText(LONGEST_REASON).optional(), severity: z.enum(SEVERITIES) })
  .meta({ examples: [{ severity: 'warning' }] })

export const MoveBody = z
  .strictObject({
    ...ActionFields,
    reason: writtenText(LONGEST_REASON).optional(),
    channelId: requiredText(100).nullable().meta({
      description: 'The channel that tells it from now on; null: the one that the rules choose.',
    }),
  })
  .meta({ examples: [{ channelId: 'C0123456789' }] })

export const DeclareBody = z
  .strictObject({
    title: requiredText(300),
    severity: z.enum(SEVERITIES),
    service: writtenText(200).default(''),
    note: writtenText(LONGEST_REASON).default('').meta({ description: 'What is known so far.' }),
    channelId: requiredText(100).nullable().default(null).meta({
      description: 'The channel to tell it in; null: the one that the rules choose.',
    }),
  })
  .meta({ examples: [{ title: 'Checkout is slow in Seoul', severity: 'error', service: 'checkout' }] })

export const NoteBody = z
  .strictObject({ ...ActionFields, text: requiredText(LONGEST_REASON) })
  .meta({ examples: [{ text: 'Rolling back to v211' }] })

export const ActionHeaders = z.looseObject({
  'idempotency-key': z.string().min(1).max(200).optional().meta({
    description:
      'Any text, new for every command. The same key with the same command gives the same answer for 24 hours, and does it once.',
  }),
})

export const Conflict = z
  .looseObject({
    ...Problem.shape,
    refusal: Refusal,
    incident: Incident.meta({ description: 'As it is now.' }),
    lastChange: z
      .object({ kind: EntryKind, at: Instant, by: Party, via: z.string() })
      .nullable()
      .meta({ description: 'Who moved it last.' }),
    other: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'For `another-is-open`: the one that is.' }),
  })
  .meta({ id: 'Conflict', description: 'The command was refused because of the state of the incident.' })
