import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { AlertEvent } from '../../domain/alert-event.ts'
import { currentKeyOf, hashedKeyOf } from '../../incidents/working-set.ts'
import { scanJson } from '../../intake/json-scan.ts'
import { parseJsonSlice } from '../../intake/json-scan-values.ts'
import { openDelivery } from '../../intake/read-delivery.ts'
import { readSlice } from '../../intake/read-slice.ts'
import type { Source } from '../../intake/source-registry.ts'
import { ThreadWait } from '../await-threads.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import type { HttpDeps } from '../http-deps.ts'
import { type ArrivedBody, answering, closeIfUnread, type IntakeDoor, replyUnavailable } from '../intake-door.ts'
import type { HttpServer } from '../route-module.ts'

const KIND = 'alertmanager'
/** A larger body is not read in this thread, which has everybody's requests to answer. */
const MOST_READ_BYTES = 1024 * 1024

const DESCRIPTION = `Like \`/webhook/alertmanager\`, but waits (5 seconds by default) until chat shows the alerts, and answers with their threads. \`thread_ts\` is null
where no thread is there by then; the alert is kept and posted later. A body over 1 MiB is kept without being read here: \`count\`, \`status\` and
\`group_key\` are null and \`results\` is empty. A body that cannot be read is kept in quarantine and answered with \`ok: false\`.`

const AlertResult = z
  .object({
    key: z.string(),
    thread_ts: z.string().nullable(),
    status: z.enum(['firing', 'resolved']),
    alertname: z.string(),
    severity: z.string(),
  })
  .meta({ id: 'AlertResult' })

const AlertAnswer = z
  .union([
    z.object({
      ok: z.literal(true),
      count: z.int().nullable(),
      status: z.string().nullable(),
      group_key: z.string().nullable(),
      thread_store: z.string(),
      results: z.array(AlertResult),
      quarantined: z
        .int()
        .optional()
        .meta({ description: 'Alerts of the body that could not be read, when there are any.' }),
    }),
    z.object({ ok: z.literal(false), error: z.string() }),
  ])
  .meta({ id: 'AlertAnswer' })

/** `POST /alert` of system 2. Belongs into the scope of the intake. */
export function addAlertRoute(server: HttpServer, deps: HttpDeps, door: IntakeDoor): void {
  const wait = new ThreadWait(deps)
  server.route({
    method: 'POST',
    url: '/alert',
    config: { sourceKind: KIND },
    validatorCompiler: () => (value) => ({ value }),
    schema: {
      ...describeRoute({
        operationId: 'deliverAlert',
        summary: 'Deliver a notification of Alertmanager and learn its threads',
        tag: 'intake',
        scope: null,
        description: DESCRIPTION,
      }),
      response: { ...problemAnswers('not-found'), 200: jsonAnswer(AlertAnswer, 'It is on disk.') },
    },
    handler: answering((request, reply) => acceptAlert({ deps, door, wait }, request, reply)),
  })
}

interface AlertRouteParts {
  readonly deps: HttpDeps
  readonly door: IntakeDoor
  readonly wait: ThreadWait
}

async function acceptAlert(
  { deps, door, wait }: AlertRouteParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { intakeSource: source } = request
  let read: ReadBody = NOT_READ
  const accepted = await door.accept(request, source, (body) => {
    read = readBody(deps, source, body)
  })
  if (accepted.kind === 'refused') {
    replyUnavailable(request, reply, accepted)
    return
  }
  closeIfUnread(request, reply)
  reply
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(await answerOf({ deps, wait }, { source, seq: accepted.seq, read }))
}

/** What the body says, read before its memory is given to the log. */
type ReadBody =
  | {
      readonly kind: 'read'
      readonly status: string
      readonly groupKey: string | null
      readonly events: readonly AlertEvent[]
      readonly problems: readonly string[]
    }
  | { readonly kind: 'not-read' }
  | { readonly kind: 'unreadable'; readonly reason: string }

const NOT_READ: ReadBody = { kind: 'not-read' }

function readBody(
  { sources }: HttpDeps,
  source: Source,
  { bytes, bytesCut, contentType, receivedAt }: ArrivedBody,
): ReadBody {
  if (bytes.length > MOST_READ_BYTES || bytesCut > 0) return NOT_READ
  const delivery = {
    tenantId: source.tenantId,
    source: source.name,
    sourceKind: source.kind,
    receivedAt,
    requestId: '',
    contentType,
    bytesCut,
    body: bytes,
    seq: 0,
  }
  const opened = openDelivery(delivery, sources)
  if (!opened.ok) return { kind: 'unreadable', reason: opened.reason }
  const { events, quarantined } = readSlice(delivery, opened, 0, opened.alertCount)
  const problems = quarantined.map(({ problem }) => `${problem.path} ${problem.reason}`.trim())
  const [problem] = problems
  if (events.length === 0 && problem !== undefined) return { kind: 'unreadable', reason: problem }
  const firing = events.some(({ event }) => event.status === 'firing') ? 'firing' : 'resolved'
  return {
    kind: 'read',
    status: textMember(bytes, 'status') ?? firing,
    groupKey: textMember(bytes, 'groupKey'),
    events: events.map(({ event }) => event),
    problems,
  }
}

/** A member of the root object as text. Numbers stay as they are written: Alertmanager once sent keys beyond 2^53. */
function textMember(bytes: Uint8Array, name: string): string | null {
  const scan = scanJson(bytes)
  const range = scan.ok ? scan.members.get(name) : undefined
  if (range === undefined || range[1] - range[0] > MOST_MEMBER_BYTES) return null
  const parsed = parseJsonSlice(bytes, range[0], range[1])
  if (!parsed.ok) return null
  if (typeof parsed.value === 'number') return parsed.text
  return typeof parsed.value === 'string' ? parsed.value : null
}

const MOST_MEMBER_BYTES = 16 * 1024

async function answerOf(
  { deps, wait }: Pick<AlertRouteParts, 'deps' | 'wait'>,
  { source, seq, read }: { readonly source: Source; readonly seq: number; readonly read: ReadBody },
): Promise<z.input<typeof AlertAnswer>> {
  const thread_store = deps.threads.kind
  if (read.kind === 'unreadable')
    return { ok: false, error: `${read.reason} The body is stored in quarantine as delivery ${seq}; nothing is lost.` }
  if (read.kind === 'not-read')
    return { ok: true, count: null, status: null, group_key: null, thread_store, results: [] }
  const policy = deps.policyOf(source.name).correlation
  const observed = read.events.map((event, index) => ({
    tenantId: source.tenantId,
    source: source.name,
    sourceKind: source.kind,
    deliverySeq: seq,
    index,
    receivedAt: 0,
    event,
  }))
  const keys = observed.map((each) => hashedKeyOf(each, policy))
  const alerts = observed.map((each, i) => ({
    currentKey: currentKeyOf(each),
    correlationHash: (keys[i] as { hash: string }).hash,
  }))
  const threads = await wait.threadsOf({ tenantId: source.tenantId, seq, alerts })
  const results = read.events.map((event, i) => ({
    key: (keys[i] as { text: string }).text,
    thread_ts: threads[i] ?? null,
    status: event.status,
    alertname: event.labels['alertname'] ?? event.title,
    severity: event.labels['severity'] ?? '',
  }))
  const quarantined = read.problems.length === 0 ? {} : { quarantined: read.problems.length }
  return {
    ok: true,
    count: results.length,
    status: read.status,
    group_key: read.groupKey,
    thread_store,
    results,
    ...quarantined,
  }
}
