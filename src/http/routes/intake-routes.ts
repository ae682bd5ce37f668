import type { FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Source } from '../../intake/source-registry.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { answering, closeIfUnread, type IntakeDoor, replyUnavailable } from '../intake-door.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'
import { addAlertRoute } from './compat-alert-routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose delivery this is; set once its sender is known. Intake routes only. */
    intakeSource: Source
    /** `content-type` as it was sent. Intake routes only. */
    sentContentType: string
  }
  interface FastifyContextConfig {
    /** The kind of source that an intake route takes. */
    readonly sourceKind?: string
  }
}

interface WebhookKind {
  readonly kind: string
  readonly methods: readonly ('POST' | 'PUT')[]
  readonly summary: string
}

const WEBHOOKS: readonly WebhookKind[] = [
  { kind: 'alertmanager', methods: ['POST'], summary: 'Deliver a notification of Alertmanager' },
  { kind: 'grafana', methods: ['POST', 'PUT'], summary: 'Deliver a notification of Grafana' },
  { kind: 'generic', methods: ['POST'], summary: 'Deliver alerts of any other sender' },
]

const DESCRIPTION = `The body is stored as it is before the answer, and read afterwards: what cannot be read goes to quarantine. Answers 503 when it cannot be
stored now; nothing else is lost by trying again. The token of the source goes into \`Authorization: Bearer\`, into the password of basic
authentication, or into \`?token=\`; an API key with the scope \`ingest\` will do as well.`

const Stored = z
  .object({ ok: z.literal(true), delivery: z.string().meta({ description: 'The position in the delivery log.' }) })
  .meta({ id: 'StoredDelivery' })

/** Where senders deliver. */
export function intakeRoutes(door: IntakeDoor): RouteModule {
  return (server, deps) => {
    prepareIntakeScope(server, door)
    for (const webhook of WEBHOOKS) addWebhook(server, door, webhook)
    addAlertRoute(server, deps, door)
  }
}

/** Bodies are left in the socket until the sender is known; then `IntakeDoor` reads them, whatever their type. */
function prepareIntakeScope(server: HttpServer, door: IntakeDoor): void {
  server.decorateRequest('intakeSource')
  server.decorateRequest('sentContentType', '')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', (_request, _payload, done) => done(null))
  server.addHook('onRequest', (request, _reply, done) => {
    const kind = request.routeOptions.config.sourceKind as string
    const { source: name = kind } = request.params as { readonly source?: string }
    const source = door.sourceAt(kind, name)
    request.intakeSource = source
    keepContentType(request)
    if (door.isKnownSender(request, source)) done()
    else door.authenticate(request, source).then(() => done(), done)
  })
  server.addHook('onClose', async () => await door.close())
}

/** A header that is no media type at all would be answered 415, and its alerts would be lost. */
function keepContentType(request: FastifyRequest): void {
  const { headers } = request.raw
  request.sentContentType = headers['content-type'] ?? ''
  if (headers['content-type'] !== undefined) headers['content-type'] = 'application/octet-stream'
}

function addWebhook(server: HttpServer, door: IntakeDoor, { kind, methods, summary }: WebhookKind): void {
  const answer = { ...problemAnswers('not-found'), 200: jsonAnswer(Stored, 'It is on disk.') }
  for (const method of methods) {
    const suffix = method === 'PUT' ? 'ByPut' : ''
    const add = (url: string, operationId: string, params: object): void => {
      server.route({
        method,
        url,
        config: { sourceKind: kind },
        // For the document only: nothing of a delivery is checked before it is on disk.
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          ...describeRoute({
            operationId: operationId + suffix,
            summary,
            tag: 'intake',
            scope: null,
            description: DESCRIPTION,
          }),
          ...params,
          response: answer,
        },
        handler: answering((request, reply) => acceptDelivery(door, request, reply)),
      })
    }
    const name = kind[0]?.toUpperCase() + kind.slice(1)
    add(`/webhook/${kind}`, `deliver${name}`, {})
    add(`/webhook/${kind}/:source`, `deliver${name}To`, { params: z.object({ source: z.string() }) })
  }
}

async function acceptDelivery(door: IntakeDoor, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const accepted = await door.accept(request, request.intakeSource)
  if (accepted.kind === 'refused') {
    replyUnavailable(request, reply, accepted)
    return
  }
  closeIfUnread(request, reply)
  // Text, so that no serializer runs.
  reply.header('content-type', 'application/json; charset=utf-8').send(`{"ok":true,"delivery":"${accepted.seq}"}`)
}
