import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { UNTIL_RESOLVED } from '../../domain/incident.ts'
import type { IncidentAction } from '../../domain/incident-actions.ts'
import { type ActionAnswer, type ActionCommand, applyAction } from '../../incidents/apply-action.ts'
import { declareByHand } from '../../incidents/declare-incident.ts'
import type { IncidentView } from '../../incidents/incident-view.ts'
import { conflictWords } from '../conflict-words.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath } from '../contract/fields.ts'
import {
  ActionBody,
  ActionHeaders,
  AssignBody,
  Conflict,
  DeclareBody,
  Incident,
  MoveBody,
  NoteBody,
  SeverityBody,
  SilenceBody,
} from '../contract/incident-contract.ts'
import type { HttpDeps } from '../http-deps.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { HttpServer, RouteModule } from '../route-module.ts'
import { noSuchIncident } from './incident-routes.ts'

const params = z.object({ incidentId: IdInPath.meta({ description: 'An id, or a name such as `INC-1042`.' }) })

const PLAIN_ACTIONS = [
  {
    action: 'unsilence',
    summary: 'End the silence of an incident',
    description: 'Notices are told again from now on.',
  },
  {
    action: 'acknowledge',
    summary: 'Take an incident',
    description: 'Stops escalation. Who acknowledges becomes the owner, unless there is one.',
  },
  {
    action: 'unacknowledge',
    summary: 'Give an incident back',
    description: 'The undo of acknowledge: it needs action again.',
  },
  {
    action: 'resolve',
    summary: 'Resolve an incident',
    description: 'Possible while alerts still fire; one that fires anew reopens it.',
  },
  {
    action: 'reopen',
    summary: 'Reopen an incident',
    description: 'Refused while another incident of the same alerts is open.',
  },
] as const

/** Acting on incidents. Every command answers the whole incident, or with 409 the incident as it is and who moved it. */
export const incidentActionRoutes: RouteModule = (server, deps) => {
  for (const { action, summary, description } of PLAIN_ACTIONS) {
    server.post(
      `/incidents/:incidentId/${action}`,
      { schema: { ...schemaOf(`${action}Incident`, summary, description), body: ActionBody } },
      async (request) => {
        const { reason = '', version = null } = request.body
        return asAnswer(await act(deps, request, { action, reason, expectedVersion: version, assignee: null }))
      },
    )
  }

  server.post(
    '/incidents/:incidentId/assign',
    {
      schema: {
        ...schemaOf('assignIncident', 'Assign an incident', 'Gives it an owner, or takes the owner away.'),
        body: AssignBody,
      },
    },
    async (request) => {
      const { reason = '', version = null, assignee } = request.body
      return asAnswer(await act(deps, request, { action: 'assign', reason, expectedVersion: version, assignee }))
    },
  )

  server.post(
    '/incidents/:incidentId/note',
    { schema: { ...schemaOf('noteIncident', 'Write a note', 'Adds a note to the timeline.'), body: NoteBody } },
    async (request) => {
      const { text, version = null } = request.body
      return asAnswer(
        await act(deps, request, { action: 'note', reason: text, expectedVersion: version, assignee: null }),
      )
    },
  )
  addSilenceRoute(server, deps)
  addSeverityRoute(server, deps)
  addMoveRoute(server, deps)
  addDeclareRoute(server, deps)
}

function addSilenceRoute(server: HttpServer, deps: HttpDeps): void {
  const description = 'Nobody is disturbed by it until then. It ends with the incident at the latest.'
  server.post(
    '/incidents/:incidentId/silence',
    { schema: { ...schemaOf('silenceIncident', 'Silence an incident', description), body: SilenceBody } },
    async (request) => {
      const { reason = '', version = null, until = null } = request.body
      const endsAt = until === null ? UNTIL_RESOLVED : Date.parse(until)
      if (endsAt <= deps.now()) throw pastInstant()
      const wish = { action: 'silence' as const, reason, expectedVersion: version, assignee: null, until: endsAt }
      return asAnswer(await act(deps, request, wish))
    },
  )
}

function pastInstant(): ProblemError {
  const message = 'must be an instant that is still to come'
  return new ProblemError('invalid-request', {
    detail: 'Not valid: body.until.',
    errors: [{ path: 'body.until', message }],
  })
}

function addSeverityRoute(server: HttpServer, deps: HttpDeps): void {
  const description = 'From then on alerts may raise it, and never lower it.'
  server.post(
    '/incidents/:incidentId/set-severity',
    { schema: { ...schemaOf('setIncidentSeverity', 'Set the severity', description), body: SeverityBody } },
    async (request) => {
      const { reason = '', version = null, severity } = request.body
      const wish = { action: 'set-severity' as const, reason, expectedVersion: version, assignee: null, severity }
      return asAnswer(await act(deps, request, wish))
    },
  )
}

function addMoveRoute(server: HttpServer, deps: HttpDeps): void {
  const description = 'Tells it in another channel than the rules send it to.'
  server.post(
    '/incidents/:incidentId/move',
    { schema: { ...schemaOf('moveIncident', 'Move an incident', description), body: MoveBody } },
    async (request) => {
      const { reason = '', version = null, channelId } = request.body
      checkChannel(deps, channelId)
      const wish = { action: 'move' as const, reason, expectedVersion: version, assignee: null, channelId }
      return asAnswer(await act(deps, request, wish))
    },
  )
}

function checkChannel({ channelIds }: HttpDeps, channelId: string | null): void {
  if (channelId === null || channelIds.includes(channelId)) return
  throw new ProblemError('invalid-request', {
    detail: 'Not valid: body.channelId.',
    errors: [{ path: 'body.channelId', message: `must be one of ${channelIds.join(', ')}` }],
  })
}

function addDeclareRoute(server: HttpServer, deps: HttpDeps): void {
  server.post(
    '/incidents',
    {
      schema: {
        ...describeRoute({
          operationId: 'declareIncident',
          summary: 'Declare an incident',
          tag: 'incidents',
          scope: 'respond',
          description: 'Opens an incident that no alert told. It stays open until a person resolves it.',
        }),
        headers: ActionHeaders,
        body: DeclareBody,
        response: {
          ...problemAnswers('idempotency-key-reused', ...BODY_PROBLEMS),
          201: jsonAnswer(Incident, 'Opened: the incident.'),
        },
      },
    },
    async (request, reply) => {
      const { channelId: movedTo, ...declaration } = request.body
      checkChannel(deps, movedTo)
      const idempotencyKey = request.headers['idempotency-key'] ?? null
      const answer = await declareByHand(deps, request.actor, { ...declaration, movedTo, idempotencyKey })
      if (!answer.ok) throw keyReused()
      deps.wake('jobs')
      return await reply.code(201).send(asAnswer(answer.incident))
    },
  )
}

function schemaOf(operationId: string, summary: string, description: string) {
  return {
    ...describeRoute({ operationId, summary, tag: 'incidents', scope: 'respond', description }),
    params,
    headers: ActionHeaders,
    response: {
      ...problemAnswers('not-found', 'idempotency-key-reused', ...BODY_PROBLEMS),
      200: jsonAnswer(Incident, 'Done: the incident as it is now.'),
      409: problemAnswer(
        'Refused because of the state of the incident: `already-there`, `version-changed`, `not-allowed-from-here`, `another-is-open`.',
        Conflict,
      ),
    },
  }
}

interface ActionRequest {
  readonly params: { readonly incidentId: string }
  readonly headers: { readonly 'idempotency-key'?: string | undefined }
  readonly actor: FastifyRequest['actor']
}

async function act(
  deps: HttpDeps,
  { params: { incidentId }, headers, actor }: ActionRequest,
  wish: Omit<ActionCommand, 'incidentId' | 'idempotencyKey'>,
): Promise<IncidentView> {
  const answer = await applyAction(deps, actor, {
    ...wish,
    incidentId,
    idempotencyKey: headers['idempotency-key'] ?? null,
  })
  if (!answer.ok) throw refusalProblem(answer, { incidentId, action: wish.action, actor, now: deps.now() })
  deps.wake('jobs')
  return answer.incident
}

interface RefusalContext {
  readonly incidentId: string
  readonly action: IncidentAction
  readonly actor: FastifyRequest['actor']
  readonly now: number
}

function refusalProblem(
  answer: Exclude<ActionAnswer, { ok: true }>,
  { incidentId, action, actor, now }: RefusalContext,
): ProblemError {
  if ('incident' in answer) {
    const { refusal, incident, lastChange, other } = answer
    return new ProblemError(refusal, {
      detail: conflictWords({ action, refusal, incident, lastChange, other }, actor, now),
      members: { refusal, incident, lastChange, other },
    })
  }
  if (answer.refusal === 'not-found') return noSuchIncident(incidentId)
  return keyReused()
}

function keyReused(): ProblemError {
  return new ProblemError('idempotency-key-reused', {
    detail: 'This Idempotency-Key was used for another command. Use a new key for a new command.',
  })
}
