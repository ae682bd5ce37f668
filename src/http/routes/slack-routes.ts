import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  receiveSlackRequest,
  SLACK_DOORS,
  type SlackDoor,
} from '../../notify/channels/slack/interaction/receive-slack.ts'
import type { HttpDeps } from '../http-deps.ts'
import type { RouteModule } from '../route-module.ts'

/** Slack sends at most some hundred kilobytes: the view of a modal with its state. */
const MOST_BYTES = 1024 * 1024
const RETRY_AFTER_SECONDS = 2

/**
 * `POST /slack/interactions`, `/slack/commands` and `/slack/events`: what people click, type and open in Slack. The
 * signature covers the bytes as they came, so the body is not parsed before it is proved.
 */
export const slackRoutes: RouteModule = (server, deps) => {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) =>
    done(null, body),
  )
  for (const door of SLACK_DOORS) {
    server.post(
      `/slack/${door}`,
      { schema: { hide: true } },
      async (request, reply) => await answer(deps, door, request, reply),
    )
  }
}

async function answer(
  deps: HttpDeps,
  door: SlackDoor,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers } = request
  const told = await receiveSlackRequest({ ...deps, workspaces: deps.slackWorkspaces }, door, {
    timestamp: single(headers['x-slack-request-timestamp']),
    signature: single(headers['x-slack-signature']),
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  })
  if (told.kind === 'refused') return await reply.code(401).send()
  if (told.kind === 'later') return await reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send()
  if (told.isNew) deps.wake('jobs')
  return told.body === null ? await reply.code(200).send() : await reply.code(200).send(told.body)
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? undefined : header
}
