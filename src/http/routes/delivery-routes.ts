import type { FastifyReply } from 'fastify'
import { isoTime } from '../../domain/iso-time.ts'
import { requireScope } from '../../domain/require-scope.ts'
import type { DeliveryPlace, DeliverySummary, StoredDelivery } from '../../intake/delivery-log/delivery-log.ts'
import { isFolded, readProgress } from '../../intake/folded-position.ts'
import { decodeCursor, encodeCursor } from '../../store/cursor.ts'
import {
  DeliveryAnswer,
  DeliveryListQuery,
  DeliveryPage,
  DeliveryParams,
  DeliveryQuery,
} from '../contract/delivery-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

const SHOWN_BYTES = 64 * 1024

/** Looking at what senders really sent. */
export const deliveryRoutes: RouteModule = (server, deps) => {
  server.get(
    '/deliveries',
    {
      schema: {
        ...describeRoute({
          operationId: 'listDeliveries',
          summary: 'List deliveries',
          tag: 'sources',
          scope: 'read',
          description: 'What arrived and is still kept, newest first, without bodies.',
        }),
        querystring: DeliveryListQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(DeliveryPage, 'A page of deliveries.') },
      },
    },
    async ({ actor, query }) => {
      requireScope(actor, 'read')
      const before = query.cursor === undefined ? null : placeOf(query.cursor)
      const found = await deps.log.list({ before, source: query.source ?? null, limit: query.limit })
      const folded = await foldedUpTo(deps)
      const items = found
        .filter(({ tenantId }) => tenantId === actor.tenantId)
        .map((delivery) => ({ ...answerOf(delivery), isFolded: folded(delivery.seq) }))
      const last = found.length < query.limit ? undefined : found.at(-1)
      return asAnswer({ items, nextCursor: last ? encodeCursor('deliveries', [last.receivedAt, last.seq]) : null })
    },
  )

  server.get(
    '/deliveries/:seq',
    {
      schema: {
        ...describeRoute({
          operationId: 'getDelivery',
          summary: 'Look at a delivery',
          tag: 'sources',
          scope: 'read',
          description: 'With its body as text, or with `?raw=1` the body alone, byte for byte.',
        }),
        params: DeliveryParams,
        querystring: DeliveryQuery,
        response: { ...problemAnswers('not-found'), 200: DeliveryAnswer },
      },
    },
    async ({ actor, params, query }, reply) => {
      requireScope(actor, 'read')
      const delivery = await deps.log.get(Number(params.seq))
      if (delivery === null || delivery.tenantId !== actor.tenantId) {
        throw new ProblemError('not-found', {
          detail: 'There is no such delivery: retention has removed it, or the number is wrong.',
        })
      }
      if (query.raw === '1') return sendRaw(reply, delivery)
      return asAnswer(await detailOf(deps, delivery))
    },
  )
}

function placeOf(cursor: string): DeliveryPlace {
  const [receivedAt, seq] = decodeCursor('deliveries', ['number', 'number'], cursor)
  return { receivedAt: Number(receivedAt), seq: Number(seq) }
}

async function detailOf({ db, log }: HttpDeps, delivery: StoredDelivery) {
  const { body } = delivery
  return {
    ...answerOf({ ...delivery, bodyBytes: body.length }),
    isFolded: await isFolded(db, log.partitionOf(delivery.seq), delivery.seq),
    body: new TextDecoder().decode(body.subarray(0, SHOWN_BYTES)),
    isBodyWhole: body.length <= SHOWN_BYTES && delivery.bytesCut === 0,
  }
}

/** Never as its own type: it is a stranger's, and a browser would run it. */
function sendRaw(reply: FastifyReply, { seq, body }: StoredDelivery): never {
  // Bytes pass the answer's schema by.
  return reply
    .header('content-type', 'application/octet-stream')
    .header('content-disposition', `attachment; filename="delivery-${seq}.bin"`)
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength)) as never
}

function answerOf(delivery: DeliverySummary) {
  const { source, sourceKind, receivedAt, requestId, contentType, bodyBytes, bytesCut } = delivery
  return {
    seq: String(delivery.seq),
    source,
    sourceKind,
    receivedAt: isoTime(receivedAt),
    requestId,
    contentType,
    bodyBytes,
    bytesCut,
  }
}

async function foldedUpTo({ db, log }: HttpDeps): Promise<(seq: number) => boolean> {
  const progress = new Map((await readProgress(db, log.partitions)).map((known) => [known.partition, known]))
  return (seq) => {
    const known = progress.get(log.partitionOf(seq))
    return known !== undefined && seq <= known.position && !known.deferred.includes(seq)
  }
}
