import * as z from 'zod'
import { type Incident, UNTIL_RESOLVED } from '../domain/incident.ts'
import { SEVERITIES } from '../domain/severity.ts'
import type { IncidentMessage } from '../notify/channel.ts'
import { CliFailure } from './cli-failure.ts'

const Labels = z.record(z.string(), z.string())
const Party = z.looseObject({ id: z.string(), name: z.string() })
const Instant = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])

const Alert = z.looseObject({
  title: z.string().optional(),
  labels: Labels.default({}),
  annotations: Labels.default({}),
  links: Labels.default({}),
  startsAt: Instant.optional(),
  endsAt: Instant.nullish(),
})

/** An incident as the API answers it; whatever is left out stays as in the sample. */
const Previewed = z.looseObject({
  number: z.int().optional(),
  title: z.string().optional(),
  severity: z.enum(SEVERITIES).optional(),
  service: z.string().optional(),
  cluster: z.string().optional(),
  namespace: z.string().optional(),
  environment: z.string().optional(),
  labels: Labels.optional(),
  startedAt: Instant.optional(),
  openedAt: Instant.optional(),
  status: z.enum(['active', 'acknowledged', 'resolved']).optional(),
  acknowledgedAt: Instant.nullish(),
  acknowledgedBy: Party.nullish(),
  resolvedAt: Instant.nullish(),
  resolvedBy: Party.nullish(),
  owner: Party.nullish(),
  firing: z.int().optional(),
  total: z.int().optional(),
  isNoise: z.boolean().optional(),
  isFlapping: z.boolean().optional(),
  resolvesAt: Instant.nullish(),
  reopenCount: z.int().optional(),
  silencedUntil: z.union([Instant, z.literal('until-resolved').transform(() => UNTIL_RESOLVED)]).nullish(),
  alerts: z
    .union([z.array(Alert), z.looseObject({ items: z.array(Alert) }).transform(({ items }) => items)])
    .default([]),
})
type Previewed = z.output<typeof Previewed>

const IDENTITY = ['number', 'title', 'severity', 'service', 'cluster', 'namespace', 'environment', 'labels'] as const
const STATE = [
  'startedAt',
  'openedAt',
  'status',
  'acknowledgedAt',
  'acknowledgedBy',
  'resolvedAt',
  'resolvedBy',
  'owner',
  'isNoise',
  'isFlapping',
  'reopenCount',
  'silencedUntil',
] as const

/**
 * Reads an incident as `GET /api/v1/incidents/{id}` answers it, or part of one, and puts it into a sample message. With
 * `hasOwnState` false, only what it is: its state stays that of the sample. Throws a `CliFailure` when it is none.
 */
export function readPreviewedIncident(
  text: string,
  { hasOwnState }: { readonly hasOwnState: boolean },
): (sample: IncidentMessage) => IncidentMessage {
  const given = parse(text)
  return (sample) => {
    const severity = given.severity ?? sample.incident.severity
    const state = hasOwnState ? { ...pick(given, STATE), ...countsOf(given, severity) } : {}
    const incident: Incident = { ...sample.incident, ...pick(given, IDENTITY), ...state }
    return { ...sample, incident, alert: alertOf(given, sample), now: Math.max(sample.now, incident.openedAt) }
  }
}

function parse(text: string): Previewed {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CliFailure('That is no JSON.', 'Give an incident as GET /api/v1/incidents/{id} answers it.', { cause })
  }
  const read = Previewed.safeParse(json)
  if (read.success) return read.data
  const problems = read.error.issues.map(({ path, message }) => `  ${path.join('.') || '(whole)'}: ${message}`)
  throw new CliFailure(
    `That is no incident:\n${problems.join('\n')}`,
    'Give an incident as GET /api/v1/incidents/{id} answers it.',
  )
}

function alertOf({ alerts, startedAt, title }: Previewed, sample: IncidentMessage): IncidentMessage['alert'] {
  const [first] = alerts
  if (first === undefined) {
    const { alert } = sample
    return { ...alert, title: title ?? alert.title, startsAt: startedAt ?? alert.startsAt }
  }
  const { labels, annotations, links } = first
  return {
    title: first.title ?? title ?? sample.alert.title,
    labels,
    annotations,
    links,
    startsAt: first.startsAt ?? sample.alert.startsAt,
    endsAt: first.endsAt ?? null,
  }
}

function countsOf(given: Previewed, severity: Incident['severity']): Partial<Incident> {
  return {
    ...(given.total !== undefined && { alertCount: given.total }),
    ...(given.firing !== undefined && { firing: given.firing === 0 ? {} : { [severity]: given.firing } }),
    ...(given.resolvesAt !== undefined && { clearsAt: given.resolvesAt }),
  }
}

function pick<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): Partial<{ [Key in K]: Exclude<T[Key], undefined> }> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Partial<{
    [Key in K]: Exclude<T[Key], undefined>
  }>
}
