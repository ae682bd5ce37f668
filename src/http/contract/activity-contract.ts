import * as z from 'zod'
import { SEVERITIES } from '../../domain/severity.ts'
import { ACTIVITY_GROUPS } from '../../incidents/activity/activity-queries.ts'
import { Instant, InstantInQuery, searchedText } from './fields.ts'

export const MOST_STEPS = 400
const MOST_GROUPS = 20
const MOST_VALUES = 20

const DurationFigures = z
  .object({
    count: z.int(),
    meanMs: z.int(),
    leastMs: z.int(),
    mostMs: z.int(),
    p50Ms: z.int(),
    p95Ms: z.int(),
  })
  .meta({
    id: 'DurationFigures',
    description: 'Mean, least and most are exact; percentiles are read from logarithmic buckets and at most 19 % off.',
  })

const FIGURES = {
  alerts: z
    .object({
      opened: z.int().meta({ description: 'Episodes that began.' }),
      updated: z.int().meta({ description: 'Observations with other content or a newer start.' }),
      repeated: z.int().meta({ description: 'Observations that said nothing new.' }),
      cleared: z.int().meta({ description: 'Episodes that ended.' }),
      closedUnseen: z.int().meta({ description: 'Ends of episodes whose beginning was never seen.' }),
      stale: z.int().meta({ description: 'Observations of an episode before the known one.' }),
    })
    .meta({ description: 'Observations, by the hour they were received, and the severity that each names.' }),
  incidents: z.object({ opened: z.int(), reopened: z.int(), acknowledged: z.int(), resolved: z.int() }).meta({
    description:
      'Happenings, with the severity that the incident had then. A change of severity later moves nothing; an incident that was reopened and resolved again is counted again.',
  }),
  timeToAcknowledge: DurationFigures.nullable().meta({
    description:
      'From when Nunchi opened the incident, or from its last reopening, to each acknowledgement in this time.',
  }),
  timeToResolve: DurationFigures.nullable().meta({
    description: 'From the same beginning to each resolution in this time.',
  }),
}

const ActivityFigures = z.object(FIGURES).meta({ id: 'ActivityFigures' })
const ActivityPoint = z.object({ at: Instant, ...FIGURES }).meta({ id: 'ActivityPoint' })

export const Activity = z
  .object({
    from: Instant,
    to: Instant,
    step: z.enum(['hour', 'day']),
    groupBy: z.enum(ACTIVITY_GROUPS).nullable(),
    groups: z.array(
      z.object({
        value: z.string().nullable().meta({ description: 'Null for everything together, and for the rest.' }),
        isRest: z.boolean(),
        total: ActivityFigures,
        points: z.array(ActivityPoint).meta({ description: 'Steps in which nothing happened are left out.' }),
      }),
    ),
  })
  .meta({ id: 'Activity', description: 'How much happened over time. It is kept when the events are forgotten.' })

function listed(item: z.ZodType) {
  return z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(item).max(MOST_VALUES),
    )
    .optional()
    .meta({ description: 'Only these; may be repeated.' })
}

export const ActivityQuery = z.strictObject({
  from: InstantInQuery.meta({
    description:
      'The beginning, rounded down to the step: ISO 8601, or milliseconds since 1970. A day or 30 days ago when left away.',
  }),
  to: InstantInQuery.meta({ description: 'The end, rounded up to the step; now when left away.' }),
  step: z.enum(['hour', 'day']).default('hour').meta({ description: 'Days are those of UTC.' }),
  groupBy: z.enum(ACTIVITY_GROUPS).optional().meta({ description: 'What to tell apart; nothing when left away.' }),
  groups: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_GROUPS)
    .default(10)
    .meta({ description: `Most groups that are told apart, 1 to ${MOST_GROUPS}; the others are one.` }),
  service: listed(searchedText(250)),
  severity: listed(z.enum(SEVERITIES)),
  source: listed(searchedText(250)),
  cluster: listed(searchedText(250)),
})
