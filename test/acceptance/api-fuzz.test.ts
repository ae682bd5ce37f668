import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterOfKind } from '../../src/app/registries.ts'
import { createSourceRegistry } from '../../src/intake/source-registry.ts'
import { arbitraryOf, hostileValue, type JsonSchema } from '../support/arbitrary-of-schema.ts'
import { openTestDoor, type TestDoor } from '../support/test-door.ts'

const SEED = 20_260_105
const REQUESTS = 1500

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: JsonSchema
}
interface Operation {
  readonly method: string
  readonly path: string
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: JsonSchema }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

let door: TestDoor
let document: Document
let operations: readonly Operation[]
let known: Readonly<Record<string, readonly string[]>>
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
const validators = new Map<string, ValidateFunction>()

beforeAll(async () => {
  const kinds = ['alertmanager', 'grafana', 'generic']
  const sources = kinds.map((kind) => ({
    tenantId: 'default',
    name: kind,
    kind,
    tokenHash: null,
    adapter: adapterOfKind(kind),
    settings: {},
  }))
  door = await openTestDoor({ sources: createSourceRegistry(sources), alertWaitMs: 1 })
  document = (await door.get<Document>('/openapi.json')).body
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  )
  ajv.addSchema({ $id: 'document', components: document.components })
  await seed()
})
afterAll(async () => await door.close())

/** Something of everything, so that requests find what they ask for. */
async function seed(): Promise<void> {
  await door.tell(
    ...Array.from({ length: 8 }, (_, i) => ({
      alertname: `a${i}`,
      labels: { service: `s${i % 3}`, cluster: 'eu' },
      severity: i % 2 === 0 ? ('critical' as const) : ('warning' as const),
    })),
  )
  await door.tell(
    { alertname: 'odd', title: '\u202e<b>&', startsAt: -62_135_596_800_000, labels: { service: 'x'.repeat(300) } },
    { alertname: 'late', startsAt: 8_640_000_000_000_000 },
  )
  const idsOf = async (path: string) =>
    (await door.get<{ items: { id: string }[] }>(path)).body.items.map(({ id }) => id)
  for (const id of await idsOf('/api/v1/incidents')) await door.post(`/api/v1/incidents/${id}/silence`)
  await door.deps.db.updateTable('job').set({ state: 'dead', last_error: 'gone' }).execute()
  const made = await Promise.all(
    [1, 2, 3].map(
      async (n) => await door.post<{ id: string }>('/api/v1/api-keys', { name: `k${n}`, scopes: ['read'] }),
    ),
  )
  const alerts = await idsOf('/api/v1/alerts')
  await door.deps.db
    .insertInto('quarantine')
    .values({
      tenant_id: 'default',
      id: 'q1',
      source: 'alertmanager',
      source_kind: 'alertmanager',
      delivery_seq: 1,
      delivery_index: -1,
      path: '',
      reason: 'no JSON',
      raw: '{',
      received_at: door.now,
      quarantined_at: door.now,
      replayed_at: null,
    })
    .execute()
  await door.post('/webhook/alertmanager', { version: '4', alerts: [] })
  known = {
    incidentId: [...(await idsOf('/api/v1/incidents')), 'INC-1', 'inc-2'],
    alertId: alerts,
    eventId: await idsOf(`/api/v1/alerts/${alerts[0]}/events`),
    jobId: await idsOf('/api/v1/jobs'),
    keyId: made.map(({ body }) => body.id),
    quarantineId: ['q1'],
    seq: ['1'],
    source: ['alertmanager', 'grafana', 'generic'],
    from: ['2026-01-05T12:00:00Z', '2026-01-05', '1767614400000', '2026-01-05T21:00:00+09:00', '-1'],
    at: ['2026-01-05T12:00:00Z'],
    until: ['2099-01-05T12:00:00Z', '2099-01-05T12:00:00.5+09:00'],
    channelId: ['slack', 'C2'],
    to: ['2026-01-05T12:00:00.000001Z', '99999999999999'],
    cursor: [
      String((await door.get('/api/v1/incidents?limit=2')).body['nextCursor']),
      String((await door.get('/api/v1/alerts?limit=2')).body['nextCursor']),
      Buffer.from('["inbox",0,5,1,"x"]').toString('base64url'),
    ],
  }
}

const resolve = (ref: string): JsonSchema => document.components.schemas[ref.split('/').at(-1) ?? ''] ?? {}
/** A client resolves dots before it sends: they never arrive as an id. */
const asStep = (value: unknown): string => encodeURIComponent(asText(value).slice(0, 2000)).replace(/^\.+$/, 'dots')
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()
/** What a header can carry at all. */
const asHeader = (value: unknown): string =>
  asText(value)
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, 4000)

function requestOf(operation: Operation): fc.Arbitrary<InjectOptions> {
  const { parameters = [] } = operation
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  const inHeader = parameters.filter((parameter) => parameter.in === 'header')
  const step = ({ name, schema }: Parameter) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...(known[name] ?? ['1'])) },
      { weight: 1, arbitrary: arbitraryOf(schema, resolve) },
      { weight: 1, arbitrary: hostileValue() },
    )
  const oddQuery = fc.constantFrom(
    'servce=db',
    '__proto__=1',
    'constructor[prototype]=1',
    'status[]=active',
    '=',
    '&&',
    '%zz=%',
    'limit=1&limit=2',
    'cursor=',
    'q=%00',
    'a'.repeat(3000),
  )
  return fc
    .record({
      path: fc.tuple(...inPath.map(step)),
      query: fc.oneof(
        { weight: 3, arbitrary: valuesOf(inQuery, likelyValue) },
        { weight: 2, arbitrary: valuesOf(inQuery, mostlyLikelyValue) },
      ),
      oddQuery: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: oddQuery }),
      headers: valuesOf(inHeader, mostlyLikelyValue),
      body: bodyOf(operation),
    })
    .map(({ path, query, oddQuery, headers, body }) => {
      const url = inPath.reduce((text, { name }, i) => text.replace(`{${name}}`, asStep(path[i])), operation.path)
      const pairs = inQuery.flatMap(({ name }, i) =>
        query[i] === null
          ? []
          : [query[i]]
              .flat()
              .map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(value).slice(0, 4000))}`),
      )
      const search = [...pairs, ...(oddQuery === null ? [] : [oddQuery])].join('&')
      const sent = Object.fromEntries(
        inHeader.flatMap(({ name }, i) => (headers[i] === null ? [] : [[name, asHeader(headers[i])]])),
      )
      return {
        method: operation.method.toUpperCase() as 'GET',
        url: `${url}${search === '' ? '' : `?${search}`}`,
        headers: { host: 'localhost', ...sent, ...body.headers },
        ...(body.payload !== undefined && { payload: body.payload }),
      }
    })
}

/** A value for some of the parameters, null for the others. */
function valuesOf(
  parameters: readonly Parameter[],
  arbitraryFor: (parameter: Parameter) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown[]> {
  return fc.tuple(
    ...parameters.map((parameter) =>
      fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: arbitraryFor(parameter) }),
    ),
  )
}

/** What a schema cannot say (which ids there are, how an instant is written) is known by name. */
function likelyValue({ name, schema }: Parameter): fc.Arbitrary<unknown> {
  const values = known[name]
  return values ? fc.constantFrom(...values) : arbitraryOf(schema, resolve)
}

function mostlyLikelyValue(parameter: Parameter): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: likelyValue(parameter) }, { weight: 1, arbitrary: hostileValue() })
}

interface SentBody {
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: string
}

function bodyOf({ requestBody, method }: Operation): fc.Arbitrary<SentBody> {
  if (method === 'get') return fc.constant({ headers: {} })
  const schema = requestBody?.content['application/json']?.schema ?? {}
  const json = (value: fc.Arbitrary<unknown>): fc.Arbitrary<SentBody> =>
    value.map((each) => ({ headers: { 'content-type': 'application/json' }, payload: JSON.stringify(each) ?? '' }))
  const valid = fc.tuple(arbitraryOf(schema, resolve), fc.nat()).map(([value, which]) => withKnownFields(value, which))
  // Deeper than JSON.stringify can go: whoever writes it out again falls over.
  const deep = '['.repeat(20_000) + ']'.repeat(20_000)
  const broken = fc.constantFrom(
    '',
    '{',
    '{"a":',
    '[1,',
    'null',
    '"x"',
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '\ufeff{}',
    '{"text":"\\u0000\\ud800"}',
    '{"version":1e400}',
    '{"a":1}{"b":2}',
    '['.repeat(50_000),
    deep,
    `{"text":${deep},"assignee":${deep}}`,
  )
  const types = fc.constantFrom(
    'text/plain',
    'application/xml',
    'application/json; charset=latin1',
    'application/json;',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    'x',
    '*/*',
    'application/JSON',
  )
  return fc.oneof(
    { weight: 3, arbitrary: json(valid) },
    // A version that somebody makes up is never the right one.
    { weight: 6, arbitrary: json(valid.map((value) => ({ ...(value as object), version: undefined }))) },
    { weight: 2, arbitrary: json(hostileValue()) },
    {
      weight: 2,
      arbitrary: json(
        fc
          .tuple(valid, fc.string(), hostileValue())
          .map(([value, key, hostile]) => ({ ...(value as object), [key]: hostile })),
      ),
    },
    {
      weight: 2,
      arbitrary: json(
        fc.tuple(valid, fc.nat(), hostileValue()).map(([value, which, hostile]) => withOneField(value, which, hostile)),
      ),
    },
    { weight: 1, arbitrary: broken.map((payload) => ({ headers: { 'content-type': 'application/json' }, payload })) },
    {
      weight: 1,
      arbitrary: fc.tuple(types, broken).map(([type, payload]) => ({ headers: { 'content-type': type }, payload })),
    },
    { weight: 1, arbitrary: fc.constant({ headers: {} }) },
  )
}

/** Fields of a body that name something that is there. */
function withKnownFields(value: unknown, which: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => [name, known[name]?.[which % (known[name]?.length ?? 1)] ?? own]),
  )
}

function withOneField(value: unknown, which: number, hostile: unknown): unknown {
  const names = Object.keys((value as object | null) ?? {})
  return names.length === 0 ? hostile : { ...(value as object), [names[which % names.length] as string]: hostile }
}

/** Why an answer is not one that the document promises, or null. */
function complaint({ operationId, responses }: Operation, reply: LightMyRequestResponse): string | null {
  if (reply.statusCode >= 500) return `answered ${reply.statusCode}: ${reply.body.slice(0, 400)}`
  const documented = responses[String(reply.statusCode)]
  if (!documented) return `answered ${reply.statusCode}, which is not documented: ${reply.body.slice(0, 400)}`
  const type = String(reply.headers['content-type'] ?? '').split(';', 1)[0] ?? ''
  if (!documented.content)
    return reply.body === '' ? null : `answered ${reply.statusCode} with a body, and none is documented`
  const content = documented.content[type]
  if (!content)
    return `answered ${reply.statusCode} as ${type}; documented is ${Object.keys(documented.content).join(', ')}`
  const validate = validatorOf(`${operationId} ${reply.statusCode} ${type}`, content.schema ?? {})
  const value: unknown = type.endsWith('json') ? JSON.parse(reply.body) : reply.body
  return validate(value)
    ? null
    : `answered ${reply.statusCode} with a body that is not as documented: ${ajv.errorsText(validate.errors)}\n${reply.body.slice(0, 400)}`
}

function validatorOf(name: string, schema: JsonSchema): ValidateFunction {
  const known = validators.get(name)
  if (known) return known
  const validate = ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')),
  )
  validators.set(name, validate)
  return validate
}

/** A stream answers for ever; its own tests read it. */
const isStream = ({ responses }: Operation): boolean => responses['200']?.content?.['text/event-stream'] !== undefined

describe('the API, asked by somebody who has read its document and means ill', () => {
  test(`answers ${REQUESTS} requests as documented, and never with a fault of its own (seed ${SEED})`, async () => {
    const asked = operations.filter((operation) => !isStream(operation))
    const statuses = new Map<number, number>()
    const succeeded = new Set<string>()
    for (const [i, operation] of asked.entries()) {
      const property = fc.asyncProperty(requestOf(operation), async (request) => {
        const reply = await door.server.inject(request)
        statuses.set(reply.statusCode, (statuses.get(reply.statusCode) ?? 0) + 1)
        if (reply.statusCode < 300) succeeded.add(operation.operationId)
        const wrong = complaint(operation, reply)
        if (wrong !== null) throw new Error(`${request.method} ${request.url?.toString().slice(0, 300)} ${wrong}`)
      })
      await fc.assert(property, {
        seed: SEED + i,
        numRuns: Math.ceil(REQUESTS / asked.length),
        interruptAfterTimeLimit: 30_000,
      })
    }
    // A fuzz that never gets past the door proves nothing.
    expect(asked.map(({ operationId }) => operationId).filter((id) => !succeeded.has(id))).toEqual([])
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 204, 400, 404, 409, 415, 422]))
  }, 60_000)
})
