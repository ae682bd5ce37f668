import { isoTime } from '../../domain/iso-time.ts'
import { listWouldBePosts } from '../../notify/would-be-queries.ts'
import { PageQuery } from '../contract/alert-contract.ts'
import { describeRoute, jsonAnswer, problemAnswers } from '../contract/describe-route.ts'
import { WouldBePostPage } from '../contract/operations-contract.ts'
import { asAnswer } from '../mutable.ts'
import type { RouteModule } from '../route-module.ts'

/** Looking at what channels were told. */
export const notificationRoutes: RouteModule = (server, deps) => {
  server.get(
    '/notifications/would-be',
    {
      schema: {
        ...describeRoute({
          operationId: 'listWouldBePosts',
          summary: 'List messages that no channel was there to take',
          tag: 'notifications',
          scope: 'read',
          description: 'While no chat is configured, what would have been posted. Newest first.',
        }),
        querystring: PageQuery,
        response: { ...problemAnswers(), 200: jsonAnswer(WouldBePostPage, 'A page of messages.') },
      },
    },
    async ({ actor, query }) => {
      const { items, nextCursor } = await listWouldBePosts(deps.db, actor, {
        cursor: query.cursor ?? null,
        limit: query.limit,
      })
      return asAnswer({
        items: items.map((post) => ({ ...post, postedAt: isoTime(post.postedAt), body: bodyOf(post.body) })),
        nextCursor,
      })
    },
  )
}

/** Channels render JSON; one that does not is shown as its text. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON, so it is the message itself.
    return text
  }
}
