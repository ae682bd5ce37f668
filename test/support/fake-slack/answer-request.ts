import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiAnswer } from './api-method.ts'
import type { CallLog, CallOutcome, SlackCall } from './call-log.ts'
import type { Fault, FaultPlan } from './faults.ts'
import { channelOfWebhook, postByWebhook, readWebhookPayload } from './incoming-webhook.ts'
import type { RateLimits } from './rate-limits.ts'
import { parseArguments, readBody, tokenOf } from './read-arguments.ts'
import { callWebApi, unknownArguments, type WebApi } from './web-api.ts'

/** Everything that the answers depend on. */
export interface SlackState extends WebApi {
  readonly faults: FaultPlan
  readonly limits: RateLimits
  readonly log: CallLog
}

/** What goes back to the client, and what it means. */
interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly outcome: Omit<CallOutcome, 'status' | 'fault'>
}

/** One request on its way: `perform` does what Slack does when nothing goes wrong. */
interface Exchange {
  readonly state: SlackState
  readonly call: SlackCall
  readonly response: ServerResponse
  readonly perform: () => Reply
}

const PAGE = '<!DOCTYPE html><html><body><h1>Slack is down for maintenance</h1></body></html>'
const TRICKLE_PIECES = 10

/** Answers one request of the Web API (`/api/…`) or of an incoming webhook (`/services/…`). */
export async function answerRequest(
  state: SlackState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request)
  const { pathname } = new URL(request.url ?? '/', 'http://fake')
  if (pathname.startsWith('/api/')) return await answerApi({ state, request, response }, body)
  if (pathname.startsWith('/services/')) return await answerWebhook({ state, request, response }, body)
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
  const perform = () => replyOf(callWebApi(state, apiRequest))
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

async function exchange(on: Exchange): Promise<void> {
  const { state, call } = on
  const fault = state.faults.take({ method: call.method, channel: call.channel })
  if (fault !== undefined) return await misbehave(on, fault)
  const retryAfter = state.limits.take({ method: call.method, channel: call.channel })
  send(on, retryAfter === undefined ? on.perform() : rateLimited(retryAfter))
}

async function misbehave(on: Exchange, fault: Fault): Promise<void> {
  const { kind } = fault
  if (kind === 'down') return drop(on, { ok: false, fault: kind })
  if (kind === 'accept-then-drop') return drop(on, { ...on.perform().outcome, fault: kind })
  if (kind === 'rate-limited') return send(on, rateLimited(fault.retryAfter), kind)
  if (kind === 'slow-body') return await trickle(on, fault.ms)
  if (kind === 'hang') return await hang(on, fault)
  if (kind === 'html') return send(on, plain(200, PAGE), kind)
  if (kind === 'status') return send(on, plain(fault.status, fault.body ?? `${fault.status}`), kind)
  const stored = fault.stores === true ? on.perform().outcome.ts : undefined
  const reply = replyOf({ ok: false, error: fault.error, ...fault.details })
  send(on, stored === undefined ? reply : { ...reply, outcome: { ...reply.outcome, ts: stored } }, kind)
}

async function hang(on: Exchange, fault: Extract<Fault, { kind: 'hang' }>): Promise<void> {
  const early = fault.stores === 'first' ? on.perform() : undefined
  await sleep(fault.ms, undefined, { ref: false })
  // A client that has given up meanwhile does not keep Slack from doing the work.
  const reply = early ?? (fault.stores === 'never' ? undefined : on.perform())
  if (reply === undefined) return drop(on, { ok: false, fault: fault.kind })
  if (on.response.destroyed) return drop(on, { ...reply.outcome, fault: fault.kind })
  send(on, reply, fault.kind)
}

async function trickle(on: Exchange, ms: number): Promise<void> {
  const { response } = on
  const { status, type, body, outcome } = on.perform()
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  const bytes = Buffer.from(body)
  const step = Math.ceil(bytes.length / TRICKLE_PIECES)
  for (let from = 0; from < bytes.length && !response.destroyed; from += step) {
    response.write(bytes.subarray(from, from + step))
    await sleep(ms / TRICKLE_PIECES, undefined, { ref: false })
  }
  const isWhole = !response.destroyed
  response.end()
  on.state.log.finish(on.call, { ...outcome, ...(isWhole ? { status } : {}), fault: 'slow-body' })
}

function drop(on: Exchange, outcome: CallOutcome): void {
  on.response.destroy()
  on.state.log.finish(on.call, outcome)
}

function send(on: Exchange, reply: Reply, fault?: string): void {
  const { status, type, body, headers = {}, outcome } = reply
  on.response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  on.state.log.finish(on.call, { ...outcome, status, ...(fault === undefined ? {} : { fault }) })
}

function replyOf(answer: ApiAnswer): Reply {
  const error = typeof answer['error'] === 'string' ? { error: answer['error'] } : {}
  const ts = typeof answer['ts'] === 'string' ? { ts: answer['ts'] } : {}
  const type = 'application/json; charset=utf-8'
  return { status: 200, type, body: JSON.stringify(answer), outcome: { ok: answer.ok, ...error, ...ts } }
}

function rateLimited(retryAfter: number | string | undefined): Reply {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return { ...replyOf({ ok: false, error: 'ratelimited' }), status: 429, headers }
}

function plain(status: number, body: string): Reply {
  return { status, type: 'text/html; charset=utf-8', body, outcome: { ok: false, error: `status ${status}` } }
}
