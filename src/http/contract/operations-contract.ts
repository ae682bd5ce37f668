import * as z from 'zod'
import { SCOPES } from '../../domain/actor.ts'
import { Instant, PAGE_FIELDS, pageOf, requiredText } from './fields.ts'

export const Job = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['waiting', 'running', 'dead']),
    queue: z.string().nullable(),
    payload: z.record(z.string(), z.unknown()),
    attempts: z.int(),
    lastError: z.string().nullable(),
    runAt: Instant,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Job', description: 'A durable intention. `dead`: it failed for so long that a person must look.' })
export const JobPage = pageOf(Job, 'JobPage')
export const JobListQuery = z.strictObject({
  state: z.enum(['waiting', 'running', 'dead']).default('dead'),
  ...PAGE_FIELDS,
})

const KEY_FIELDS = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  createdAt: Instant,
  createdBy: z.string(),
  lastUsedAt: Instant.nullable().meta({ description: 'Exact to the minute.' }),
  revokedAt: Instant.nullable(),
}
export const ApiKey = z.object(KEY_FIELDS).meta({ id: 'ApiKey', description: 'A key without its secret.' })
export const ApiKeyList = z.object({ items: z.array(ApiKey), nextCursor: z.null() }).meta({ id: 'ApiKeyList' })
export const NewApiKey = z
  .object({ ...KEY_FIELDS, key: z.string().meta({ description: 'The whole key. It is shown in this answer only.' }) })
  .meta({ id: 'NewApiKey' })
export const CreateApiKeyBody = z
  .strictObject({
    name: requiredText(100),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).meta({
      description:
        '`ingest` delivers alerts, `read` looks, `respond` also acts on incidents, `admin` may do everything.',
    }),
  })
  .meta({ examples: [{ name: 'grafana-dashboard', scopes: ['read'] }] })

export const Source = z
  .object({
    name: z.string(),
    kind: z.string().nullable().meta({ description: 'Null for a source that once sent and is configured no more.' }),
    isConfigured: z.boolean(),
    hasToken: z.boolean(),
    deliveries: z.int(),
    events: z
      .object({ read: z.int(), linked: z.int(), suppressed: z.int(), quarantined: z.int() })
      .meta({ description: 'read = linked to an incident + suppressed + quarantined, always.' }),
    lastReceivedAt: Instant.nullable(),
  })
  .meta({ id: 'Source' })
export const SourceList = z.object({ items: z.array(Source), nextCursor: z.null() }).meta({ id: 'SourceList' })

export const WouldBePost = z
  .object({
    id: z.string(),
    incidentId: z.string(),
    channelId: z.string(),
    kind: z.string(),
    externalId: z.string(),
    threadId: z.string().nullable(),
    postedAt: Instant,
    body: z.unknown().meta({ description: 'The message as the channel would have got it.' }),
  })
  .meta({ id: 'WouldBePost', description: 'A message that no channel was configured to take.' })
export const WouldBePostPage = pageOf(WouldBePost, 'WouldBePostPage')
