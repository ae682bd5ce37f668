import * as z from 'zod'
import { SEVERITIES } from '../../domain/severity.ts'
import { Instant, InstantInQuery, searchedText } from './fields.ts'

const Text = searchedText(1000)
const Labels = z.record(z.string().max(1000), z.string().max(10_000))

/** An incident to be explained. Loose, because a body of Alertmanager may be sent as it is. */
export const ExplainRouteBody = z
  .looseObject({
    incidentId: searchedText(100).optional().meta({
      description:
        'An incident that is there: its id, or a name such as `INC-1042`. Then nothing else is read but `at`.',
    }),
    labels: Labels.optional().meta({ description: 'Labels of the alert that opens it.' }),
    severity: Text.optional().meta({ description: 'The word of a sender, such as `critical`.' }),
    source: Text.optional().meta({ description: 'The name of its source; `alertmanager` when left out.' }),
    service: Text.optional(),
    environment: Text.optional(),
    cluster: Text.optional(),
    namespace: Text.optional(),
    at: InstantInQuery.meta({
      description: 'When it happens; now when left out. Hours of routes and quiet hours are asked for it.',
    }),
    alerts: z.array(z.unknown()).max(10_000).optional().meta({ description: 'The alerts of a body of Alertmanager.' }),
  })
  .meta({
    examples: [{ labels: { alertname: 'HighErrorRate', team: 'payments' }, severity: 'critical' }],
  })

const Condition = z.object({
  text: z.string().meta({ description: 'As it is written.' }),
  holds: z.boolean(),
  found: z.string().meta({ description: 'What the incident has there.' }),
})

const Route = z
  .object({
    path: z.string().meta({ description: 'Where it stands in the configuration, e.g. `routes[0].routes[1]`.' }),
    name: z.string().nullable(),
    outcome: z.enum(['sends', 'passes-down', 'no-match', 'not-asked']).meta({
      description:
        '`sends` to its channels; `passes-down`: routes below it send; `no-match`; `not-asked`: a route before it took the incident.',
    }),
    channels: z.array(z.string()),
    continues: z.boolean(),
    conditions: z.array(Condition),
    get routes() {
      return z.array(Route)
    },
  })
  .meta({ id: 'ExplainedRoute', description: 'A route with what became of it, and of those below it.' })

const MentionAnswer = z.union([
  z.object({ kind: z.enum(['here', 'everyone']) }),
  z.object({ kind: z.enum(['person', 'group']), id: z.string() }),
])

const RouteExplanation = z
  .object({
    incident: z.object({
      title: z.string(),
      labels: z.record(z.string(), z.string()),
      source: z.string(),
      service: z.string(),
      environment: z.string(),
      cluster: z.string(),
      namespace: z.string(),
      severity: z.enum(SEVERITIES),
      peakSeverity: z.enum(SEVERITIES).meta({ description: 'The highest so far: routes go by it.' }),
      openedAt: Instant,
    }),
    channels: z.array(
      z.object({
        id: z.string(),
        kind: z.string().nullable().meta({ description: 'Null when no channel of that id is configured any more.' }),
        label: z.string().nullable(),
        because: z.array(z.object({ path: z.string(), name: z.string().nullable() })),
        isMovedHere: z.boolean(),
        mentions: z.array(MentionAnswer).meta({ description: 'Whom the first message calls.' }),
        quietUntil: Instant.nullable().meta({ description: 'Quiet hours hold it back until then.' }),
      }),
    ),
    tree: Route,
  })
  .meta({ id: 'RouteExplanation', description: 'Why an incident is told where it is told.' })

export const RouteExplanationList = z
  .object({
    items: z.array(RouteExplanation),
    nextCursor: z.null(),
    more: z.int().meta({ description: 'Alerts of the body beyond those that are explained.' }),
  })
  .meta({ id: 'RouteExplanationList' })

export const ChannelList = z
  .object({
    items: z.array(
      z
        .object({
          id: z.string(),
          kind: z.string(),
          label: z.string().meta({ description: 'The place, for people. It holds no secret.' }),
          isDefault: z.boolean().meta({ description: 'It is told what no route takes.' }),
          state: z.enum(['ok', 'degraded']),
          problems: z.array(z.object({ problem: z.string(), remedy: z.string() })),
        })
        .meta({ id: 'Channel' }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'ChannelList' })
