import * as z from 'zod'
import { isoTime, isoTimeOrNull } from '../../domain/iso-time.ts'
import { findQuarantined, listQuarantine, type QuarantineView } from '../../intake/quarantine-queries.ts'
import { type ReplayOutcome, replayOpenQuarantine, replayQuarantined } from '../../intake/replay-quarantine.ts'
import { decodeCursor, encodeCursor } from '../../store/cursor.ts'
import {
  QuarantinedDetail,
  QuarantineListQuery,
  QuarantinePage,
  ReplayBody,
  ReplayPage,
  ReplayResult,
} from '../contract/delivery-contract.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath } from '../contract/fields.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'

const Params = z.object({ quarantineId: IdInPath })
const NOT_FOUND = 'Nothing in quarantine has this id.'

/** Looking at what could not be read, and trying again. */
export const quarantineRoutes: RouteModule = (server, deps) => {
  addLookRoutes(server, deps)
  addReplayRoutes(server, deps)
}

function addLookRoutes(server: HttpServer, deps: HttpDeps): void {
  server.get(
    '/quarantine',
    {
      schema: {
        ...describeRoute({
          operationId: 'listQuarantine',
          summary: 'List what could not be read',
          tag: 'sources',
          scope: 'read',
          description: 'Alerts and whole deliveries with the reason, newest first.',
        }),
        querystring: QuarantineListQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(QuarantinePage, 'A page of the quarantine.') },
      },
    },
    async ({ actor, query }) => {
      const { state, limit } = query
      const request = { state, limit, source: query.source ?? null, cursor: query.cursor ?? null }
      const { items, nextCursor } = await listQuarantine(deps.db, actor, request)
      return asAnswer({ items: items.map(answerOf), nextCursor })
    },
  )

  server.get(
    '/quarantine/:quarantineId',
    {
      schema: {
        ...describeRoute({
          operationId: 'getQuarantined',
          summary: 'Look at something that could not be read',
          tag: 'sources',
          scope: 'read',
        }),
        params: Params,
        response: { ...problemAnswers('not-found'), 200: jsonAnswer(QuarantinedDetail, 'With what was received.') },
      },
    },
    async ({ actor, params }) => {
      const found = await findQuarantined(deps.db, actor, params.quarantineId)
      if (found === null) throw new ProblemError('not-found', { detail: NOT_FOUND })
      return asAnswer({ ...answerOf(found), raw: found.raw })
    },
  )
}

function addReplayRoutes(server: HttpServer, deps: HttpDeps): void {
  server.post(
    '/quarantine/:quarantineId/replay',
    {
      schema: {
        ...describeRoute({
          operationId: 'replayQuarantined',
          summary: 'Read something in quarantine again',
          tag: 'sources',
          scope: 'respond',
          description:
            'With the adapter of today, as if it had been read when it was received. Doing it twice does it once.',
        }),
        params: Params,
        response: {
          ...problemAnswers('not-found', ...BODY_PROBLEMS),
          200: jsonAnswer(ReplayResult, 'What came of it.'),
        },
      },
    },
    async ({ actor, params }) => {
      const outcome = await replayQuarantined(deps, actor, params.quarantineId)
      if (outcome === null) throw new ProblemError('not-found', { detail: NOT_FOUND })
      wakeAfter(deps, [outcome])
      return asAnswer(resultOf(params.quarantineId, outcome))
    },
  )

  server.post(
    '/quarantine/replay',
    {
      schema: {
        ...describeRoute({
          operationId: 'replayQuarantine',
          summary: 'Read everything in quarantine again',
          tag: 'sources',
          scope: 'respond',
          description: 'Oldest first. What is refused stays in quarantine; go on behind it with `nextCursor`.',
        }),
        body: ReplayBody,
        response: { ...problemAnswers(...BODY_PROBLEMS), 200: jsonAnswer(ReplayPage, 'What came of each.') },
      },
    },
    async ({ actor, body }) => {
      const { limit, source, cursor } = body
      const after = cursor === undefined ? null : String(decodeCursor('replay', ['string'], cursor)[0])
      const replayed = await replayOpenQuarantine(deps, actor, { limit, source: source ?? null, after })
      wakeAfter(
        deps,
        replayed.map(({ outcome }) => outcome),
      )
      const last = replayed.length < limit ? undefined : replayed.at(-1)
      return asAnswer({
        items: replayed.map(({ id, outcome }) => resultOf(id, outcome)),
        nextCursor: last ? encodeCursor('replay', [last.id]) : null,
      })
    },
  )
}

function wakeAfter({ wake }: HttpDeps, outcomes: readonly ReplayOutcome[]): void {
  if (outcomes.some(({ kind }) => kind === 'replayed')) wake('jobs')
  if (outcomes.some(({ kind }) => kind === 'deferred')) wake('consumer')
}

function resultOf(id: string, outcome: ReplayOutcome) {
  const result = { id, outcome: outcome.kind, events: 0, quarantined: 0, refusal: null, detail: '' }
  switch (outcome.kind) {
    case 'replayed':
      return { ...result, events: outcome.events, quarantined: outcome.quarantined }
    case 'refused':
      return { ...result, refusal: outcome.refusal, detail: outcome.detail }
    case 'deferred':
      return { ...result, detail: 'It is large: its alerts are folded in the background.' }
    case 'already-replayed':
      return result
  }
}

function answerOf(item: QuarantineView) {
  const { id, source, sourceKind, alertIndex, path, reason } = item
  return {
    id,
    source,
    sourceKind,
    alertIndex,
    path,
    reason,
    deliverySeq: String(item.deliverySeq),
    receivedAt: isoTime(item.receivedAt),
    quarantinedAt: isoTime(item.quarantinedAt),
    replayedAt: isoTimeOrNull(item.replayedAt),
  }
}
