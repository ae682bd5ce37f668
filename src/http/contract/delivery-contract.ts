import * as z from 'zod'
import { QUARANTINE_STATES } from '../../intake/quarantine-queries.ts'
import { Instant, PAGE_FIELDS, pageOf, searchedText } from './fields.ts'

const DELIVERY_FIELDS = {
  seq: z.string().meta({ description: 'The position in the delivery log.' }),
  source: z.string(),
  sourceKind: z.string(),
  receivedAt: Instant,
  requestId: z.string(),
  contentType: z.string(),
  bodyBytes: z.int(),
  bytesCut: z
    .int()
    .meta({ description: 'Bytes that were not kept because the body was too large, at least; 0 = whole.' }),
  isFolded: z.boolean().meta({ description: 'Its alerts are in incidents, suppressed, or in quarantine.' }),
}

export const Delivery = z
  .object(DELIVERY_FIELDS)
  .meta({ id: 'Delivery', description: 'One inbound request as it arrived.' })
export const DeliveryPage = pageOf(Delivery, 'DeliveryPage')
export const DeliveryDetail = z
  .object({
    ...DELIVERY_FIELDS,
    body: z.string().meta({ description: 'At most 64 KiB of it, as text; `?raw=1` gives all of it as it came.' }),
    isBodyWhole: z.boolean(),
  })
  .meta({ id: 'DeliveryDetail' })

/** The delivery described, or with `?raw=1` its bytes. */
export const DeliveryAnswer = {
  description: 'The delivery.',
  content: {
    'application/json': { schema: DeliveryDetail },
    'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) },
  },
}

export const DeliveryListQuery = z.strictObject({ source: searchedText(100).optional(), ...PAGE_FIELDS })
export const DeliveryParams = z.object({ seq: z.string().regex(/^\d{1,15}$/, 'must be the position of a delivery') })
export const DeliveryQuery = z.strictObject({
  raw: z.enum(['0', '1']).default('0').meta({ description: '`1`: the body itself, to be saved as a file.' }),
})

const QUARANTINED_FIELDS = {
  id: z.string(),
  source: z.string(),
  sourceKind: z.string(),
  deliverySeq: z.string(),
  alertIndex: z
    .int()
    .nullable()
    .meta({ description: 'The position of the alert in its delivery; null = the whole delivery.' }),
  path: z.string().meta({ description: 'Where in the body.', examples: ['alerts[3].labels'] }),
  reason: z.string().meta({ description: 'What is wrong and what to send instead.' }),
  receivedAt: Instant,
  quarantinedAt: Instant,
  replayedAt: Instant.nullable(),
}

export const Quarantined = z
  .object(QUARANTINED_FIELDS)
  .meta({ id: 'Quarantined', description: 'An alert or a whole delivery that could not be read.' })
export const QuarantinePage = pageOf(Quarantined, 'QuarantinePage')
export const QuarantinedDetail = z
  .object({ ...QUARANTINED_FIELDS, raw: z.string().meta({ description: 'What was received, at most 64 KiB of it.' }) })
  .meta({ id: 'QuarantinedDetail' })

export const QuarantineListQuery = z.strictObject({
  source: searchedText(100).optional(),
  state: z.enum(QUARANTINE_STATES).default('open'),
  ...PAGE_FIELDS,
})

export const ReplayResult = z
  .object({
    id: z.string(),
    outcome: z.enum(['replayed', 'deferred', 'already-replayed', 'refused']).meta({
      description:
        '`deferred`: it is large and is folded in the background. `refused`: it stays in quarantine, see `refusal`.',
    }),
    events: z.int().meta({ description: 'Alerts that were read and folded.' }),
    quarantined: z.int().meta({ description: 'Alerts of it that are in quarantine anew.' }),
    refusal: z.enum(['body-gone', 'body-cut', 'still-unreadable']).nullable(),
    detail: z.string(),
  })
  .meta({ id: 'ReplayResult' })

export const ReplayBody = z.strictObject({
  source: searchedText(100).optional().meta({ description: 'Only what this source sent.' }),
  limit: z.int().min(1).max(200).default(100),
  cursor: PAGE_FIELDS.cursor,
})
export const ReplayPage = pageOf(ReplayResult, 'ReplayPage')
