import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallLog } from './call-log.ts'
import { exchange, type Reply, replyOf } from './exchange.ts'
import type { FaultPlan } from './faults.ts'
import { channelOfWebhook, postByWebhook, readWebhookPayload } from './incoming-webhook.ts'
import { answerResponseUrl } from './interaction/answer-response-url.ts'
import type { ResponseUrls } from './interaction/response-urls.ts'
import type { RateLimits } from './rate-limits.ts'
import { parseArguments, readBody, tokenOf } from './read-arguments.ts'
import { callWebApi, scopesOf, unknownArguments, type WebApi } from './web-api.ts'

/** Everything that the answers depend on. */
export interface SlackState extends WebApi {
  readonly faults: FaultPlan
  readonly limits: RateLimits
  readonly responseUrls: ResponseUrls
  readonly log: CallLog
}

/** Answers one request of the Web API (`/api/…`), of an incoming webhook (`/services/…`) or of a response_url. */
export async function answerRequest(
  state: SlackState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  const { pathname } = new URL(request.url ?? '/', 'http://fake')
  if (pathname.startsWith('/api/')) return await answerApi({ state, request, response }, body)
  if (pathname.startsWith('/services/')) return await answerWebhook({ state, request, response }, body)
  if (/^\/(actions|commands)\//.test(pathname)) return await answerPerson({ state, request, response }, body)
  response.writeHead(404).end()
}

interface Incoming {
  readonly state: SlackState
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function answerApi({ state, request, response }: Incoming, body: string): Promise<void> {
  const parsed = parseArguments(body, request)
  const method = new URL(request.url ?? '/', 'http://fake').pathname.slice('/api/'.length)
  const apiRequest = { ...parsed, method, token: tokenOf(request, parsed.args) }
  const named = parsed.args['channel']
  const channel = typeof named === 'string' ? (state.workspace.find(named)?.id ?? named) : undefined
  const { token: _token, ...args } = parsed.args
  const call = state.log.start({ method, args, unknownArguments: unknownArguments(apiRequest) }, channel)
  const scopes = scopesOf(state, apiRequest)
  const headers: Record<string, string> = scopes === undefined ? {} : { 'x-oauth-scopes': scopes }
  const perform = () => replyOf(callWebApi(state, apiRequest), headers)
  await exchange({ state, call, response, perform })
}

async function answerWebhook({ state, request, response }: Incoming, body: string): Promise<void> {
  const target = channelOfWebhook(state.workspace, new URL(request.url ?? '/', 'http://fake').pathname)
  const payload = readWebhookPayload(body)
  const channel = typeof target === 'string' ? target : undefined
  const call = state.log.start(
    { method: 'webhook', args: payload ?? { unreadable: body }, unknownArguments: [] },
    channel,
  )
  const perform = (): Reply => {
    const { status, text, message } =
      typeof target === 'string' ? postByWebhook(state.workspace, target, payload) : target
    const outcome = status === 200 ? { ok: true } : { ok: false, error: text }
    const ts = message === undefined ? {} : { ts: message.ts }
    return { status, type: 'text/html', body: text, outcome: { ...outcome, ...ts } }
  }
  await exchange({ state, call, response, perform })
}

async function answerPerson({ state, request, response }: Incoming, body: string): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://fake').pathname
  const payload = readWebhookPayload(body)
  const args = payload ?? { unreadable: body }
  const call = state.log.start(
    { method: 'response_url', args, unknownArguments: [] },
    state.responseUrls.channelOf(path),
  )
  const perform = (): Reply => {
    const target = state.responseUrls.take(path)
    const answer =
      typeof target === 'string' ? { status: 404, error: target } : answerResponseUrl(state.workspace, target, payload)
    const { status, error, ts } = answer
    const reply = replyOf({ ok: error === undefined, ...(error === undefined ? {} : { error }) })
    return { ...reply, status, outcome: { ...reply.outcome, ...(ts === undefined ? {} : { ts }) } }
  }
  await exchange({ state, call, response, perform })
}
