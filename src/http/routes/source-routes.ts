import * as z from 'zod'
import { isoTimeOrNull } from '../../domain/iso-time.ts'
import { listSources } from '../../intake/source-queries.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { SourceList } from '../contract/operations-contract.ts'
import { asAnswer } from '../mutable.ts'
import type { RouteModule } from '../route-module.ts'

/** Looking at where alerts come from. */
export const sourceRoutes: RouteModule = (server, deps) => {
  server.get(
    '/sources',
    {
      schema: {
        ...describeRoute({
          operationId: 'listSources',
          summary: 'List sources',
          tag: 'sources',
          scope: 'read',
          description: 'Every configured source with its counts, and those that sent before.',
        }),
        querystring: z.strictObject({}),
        response: { ...problemAnswers(), 200: jsonAnswer(SourceList, 'The sources, by name.') },
      },
    },
    async ({ actor }) => {
      const sources = await listSources(deps.db, actor, deps.sources)
      return asAnswer({
        items: sources.map((source) => ({ ...source, lastReceivedAt: isoTimeOrNull(source.lastReceivedAt) })),
        nextCursor: null,
      })
    },
  )
}
