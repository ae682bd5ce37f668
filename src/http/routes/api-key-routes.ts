import * as z from 'zod'
import { createApiKey, type ApiKey as Key, listApiKeys, revokeApiKey } from '../../auth/api-keys.ts'
import { isoTime, isoTimeOrNull } from '../../domain/iso-time.ts'
import { BODY_PROBLEMS, describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { IdInPath } from '../contract/fields.ts'
import { ApiKeyList, CreateApiKeyBody, NewApiKey } from '../contract/operations-contract.ts'
import { asAnswer } from '../mutable.ts'
import { ProblemError } from '../problem-error.ts'
import type { RouteModule } from '../route-module.ts'

/** Making, listing and revoking API keys. */
export const apiKeyRoutes: RouteModule = (server, deps) => {
  server.get(
    '/api-keys',
    {
      schema: {
        ...describeRoute({
          operationId: 'listApiKeys',
          summary: 'List API keys',
          tag: 'operations',
          scope: 'admin',
          description: 'Newest first, revoked ones included. Keys of the configuration are not listed.',
        }),
        querystring: z.strictObject({}),
        response: { ...problemAnswers(), 200: jsonAnswer(ApiKeyList, 'The keys, without their secrets.') },
      },
    },
    async ({ actor }) => asAnswer({ items: (await listApiKeys(deps.db, actor)).map(answerOf), nextCursor: null }),
  )

  server.post(
    '/api-keys',
    {
      schema: {
        ...describeRoute({
          operationId: 'createApiKey',
          summary: 'Make an API key',
          tag: 'operations',
          scope: 'admin',
          description: 'The key is shown in this answer only: keep it now.',
        }),
        body: CreateApiKeyBody,
        response: { ...problemAnswers(...BODY_PROBLEMS), 201: jsonAnswer(NewApiKey, 'The key.') },
      },
    },
    async ({ actor, body }, reply) => {
      const { apiKey, text } = await createApiKey(deps, actor, body)
      return reply.code(201).send(asAnswer({ ...answerOf(apiKey), key: text }))
    },
  )

  server.delete(
    '/api-keys/:keyId',
    {
      schema: {
        ...describeRoute({
          operationId: 'revokeApiKey',
          summary: 'Revoke an API key',
          tag: 'operations',
          scope: 'admin',
          description: 'It is worthless at once, and stays in the list.',
        }),
        params: z.object({ keyId: IdInPath }),
        response: {
          ...problemAnswers('not-found', ...BODY_PROBLEMS),
          204: z.null().meta({ description: 'Revoked.' }),
        },
      },
    },
    async ({ actor, params }, reply) => {
      if (await revokeApiKey(deps, actor, params.keyId)) return await reply.code(204).send(null)
      throw new ProblemError('not-found', { detail: 'There is no such key, or it is revoked already.' })
    },
  )
}

function answerOf(key: Key) {
  return {
    ...key,
    createdAt: isoTime(key.createdAt),
    lastUsedAt: isoTimeOrNull(key.lastUsedAt),
    revokedAt: isoTimeOrNull(key.revokedAt),
  }
}
