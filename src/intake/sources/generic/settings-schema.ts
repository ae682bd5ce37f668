import * as z from 'zod'
import { readValuePath } from './value-path.ts'

const PATH_FORM = 'must be a path such as event.host, items[0].name or ["odd.name"].x'

const valuePath = z
  .string()
  .max(500)
  .refine((text) => readValuePath(text) !== null, PATH_FORM)

const memberPath = z
  .string()
  .max(500)
  .refine(
    (text) => readValuePath(text)?.every((step) => typeof step === 'string') === true,
    'must be a path of names such as data.alerts, without [numbers]',
  )

const words = z.array(z.string().trim().min(1).max(100)).min(1).max(100)

/**
 * How a generic source finds the parts of an alert. Every path starts at the alert itself. What is left out is
 * looked for under the names that most systems use; a path that is given is the only place that is looked at.
 */
export const genericSettingsSchema = z.strictObject({
  alerts: memberPath
    .optional()
    .describe(
      'Where the list of alerts lies in the body. Left out: the body itself is a list or one alert, or holds "alerts".',
    ),
  key: valuePath
    .optional()
    .describe(
      'What stays the same from firing to resolved. Missing in an alert: its labels, and its title, are the key.',
    ),
  status: valuePath.optional().describe('Tells firing from resolved. Missing in an alert: it fires.'),
  title: valuePath.optional().describe('One line for people. Required in every alert.'),
  severity: valuePath.optional(),
  startsAt: valuePath
    .optional()
    .describe('ISO 8601, or a count of (milli)seconds since 1970. Missing: the time of receipt.'),
  endsAt: valuePath.optional(),
  description: valuePath.optional(),
  url: valuePath.optional().describe('A link to the alert in the system that sent it.'),
  labels: z
    .union([valuePath, z.record(z.string().min(1).max(200), valuePath)])
    .optional()
    .describe('The path of an object whose texts become labels, or one path per label.'),
  resolvedValues: words
    .optional()
    .describe(
      'Values of status that mean resolved, whatever their case. Left out: ok, resolved, recovered, closed and the like.',
    ),
  firingValues: words
    .optional()
    .describe('When given, a status that is in neither list is a problem instead of firing.'),
})

export type GenericSettings = z.infer<typeof genericSettingsSchema>
