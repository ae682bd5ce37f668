import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SlackState } from './answer-request.ts'
import type { ApiAnswer } from './api-method.ts'
import type { CallOutcome, SlackCall } from './call-log.ts'
import type { Fault } from './faults.ts'

/** What goes back to the client, and what it means. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  readonly outcome: Omit<CallOutcome, 'status' | 'fault'>
}

/** One request on its way: `perform` does what Slack does when nothing goes wrong. */
export interface Exchange {
  readonly state: SlackState
  readonly call: SlackCall
  readonly response: ServerResponse
  readonly perform: () => Reply
}

const PAGE = '<!DOCTYPE html><html><body><h1>Slack is down for maintenance</h1></body></html>'
const TRICKLE_PIECES = 10

/** Answers one request: first with the fault that a test planned, then with the rate limits, then with `perform`. */
export async function exchange(on: Exchange): Promise<void> {
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

/** An answer of the Web API as it goes over the wire. */
export function replyOf(answer: ApiAnswer, headers: Readonly<Record<string, string>> = {}): Reply {
  const error = typeof answer['error'] === 'string' ? { error: answer['error'] } : {}
  const ts = typeof answer['ts'] === 'string' ? { ts: answer['ts'] } : {}
  const type = 'application/json; charset=utf-8'
  return { status: 200, type, body: JSON.stringify(answer), headers, outcome: { ok: answer.ok, ...error, ...ts } }
}

function rateLimited(retryAfter: number | string | undefined): Reply {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return { ...replyOf({ ok: false, error: 'ratelimited' }), status: 429, headers }
}

function plain(status: number, body: string): Reply {
  return { status, type: 'text/html; charset=utf-8', body, outcome: { ok: false, error: `status ${status}` } }
}
