import { createServer, type Server } from 'node:http'
import { waitUntil } from '../wait-until.ts'
import { answerRequest, type SlackState } from './answer-request.ts'
import { CallLog, type SlackCall } from './call-log.ts'
import { answerControl, type ControlTarget } from './control-api.ts'
import { describeState } from './describe-state.ts'
import { FaultPlan, type FaultRule } from './faults.ts'
import { webhookPath } from './incoming-webhook.ts'
import type { Link, Ping } from './live-markup.ts'
import {
  type DuplicateRoots,
  duplicateRootsOf,
  type Located,
  linksIn,
  pingsIn,
  rootsOf,
  visibleMessages,
} from './message-queries.ts'
import { type LimitMode, RateLimits } from './rate-limits.ts'
import { makeToken, type Token, type TokenOptions } from './tokens.ts'
import { type ChannelOptions, type SlackMessage, Workspace } from './workspace.ts'

/** The token and channel that exist when a test asks for nothing else. */
export const DEFAULT_TOKEN = 'xoxb-fake-token'
export const DEFAULT_CHANNEL = 'C0123456789'

/** How a fake Slack starts. */
export interface FakeSlackOptions {
  /** Whether Slack's rate limits are in force. */
  readonly limits: LimitMode
  readonly port?: number
  readonly channels?: readonly ChannelOptions[]
  readonly tokens?: readonly TokenOptions[]
  /** Milliseconds since 1970; decides ts values and rate limits. */
  readonly now?: () => number
}

/** A strict Slack on 127.0.0.1: it refuses what Slack refuses, breaks on demand and remembers everything. */
export class FakeSlack implements ControlTarget {
  readonly workspace: Workspace
  readonly #state: SlackState
  readonly #tokens = new Map<string, Token>()
  #server: Server
  #port = 0

  constructor(options: FakeSlackOptions) {
    const now = options.now ?? Date.now
    const { channels = [{ id: DEFAULT_CHANNEL, name: 'alerts' }], tokens = [{ token: DEFAULT_TOKEN }] } = options
    this.workspace = new Workspace(channels, now)
    for (const token of tokens) this.#tokens.set(token.token, makeToken(token))
    this.#state = {
      workspace: this.workspace,
      tokens: this.#tokens,
      faults: new FaultPlan(),
      limits: new RateLimits(options.limits, now),
      log: new CallLog(now),
    }
    this.#server = this.#makeServer()
  }

  /** Base URL for `slackApiUrl` / SLACK_API_URL. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api/`
  }

  get port(): number {
    return this.#port
  }

  /** An incoming-webhook URL that posts to the channel. */
  webhookUrl(channel: string = DEFAULT_CHANNEL): string {
    return `http://127.0.0.1:${this.#port}${webhookPath(this.workspace.channel(channel).id)}`
  }

  /** Starts to listen; called again after `goDown` it takes the same port. */
  async listen(port = this.#port): Promise<void> {
    if (this.#server.listening) return
    this.#server = this.#makeServer()
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as { port: number }).port
  }

  /** Refuses connections and cuts the existing ones, until `listen`. Messages and log stay. */
  async goDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async close(): Promise<void> {
    await this.goDown()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Plans a fault; the returned function takes it back. */
  addFault(rule: FaultRule): () => void {
    return this.#state.faults.add(rule)
  }

  clearFaults(): void {
    this.#state.faults.clear()
  }

  get pendingFaults(): readonly FaultRule[] {
    return this.#state.faults.pending
  }

  set limits(mode: LimitMode) {
    this.#state.limits.mode = mode
  }

  /** The token as the workspace knows it: a test may change its scopes or its state. */
  token(token: string = DEFAULT_TOKEN): Token {
    const known = this.#tokens.get(token)
    if (known === undefined) throw new Error('The fake Slack has no such token; name it when starting.')
    return known
  }

  /** Every visible message of a channel, replies included, in the order of ts. */
  messages(channel: string = DEFAULT_CHANNEL): readonly SlackMessage[] {
    return visibleMessages(this.workspace.channel(channel))
  }

  roots(channel: string = DEFAULT_CHANNEL): readonly SlackMessage[] {
    return rootsOf(this.workspace.channel(channel))
  }

  replies(channel: string, ts: string): readonly SlackMessage[] {
    return this.workspace.replies(this.workspace.channel(channel), ts)
  }

  /** Requests of one method, or all of them, in the order of arrival. */
  calls(method?: string): readonly SlackCall[] {
    const { calls } = this.#state.log
    return method === undefined ? calls : calls.filter((call) => call.method === method)
  }

  /** Requests that stored a message, whether or not the client learned of it. */
  posts(): readonly SlackCall[] {
    const isPost = (call: SlackCall) => call.method === 'chat.postMessage' || call.method === 'webhook'
    return this.calls().filter((call) => isPost(call) && call.outcome?.ts !== undefined)
  }

  /** Incidents (or deliveries) with more than one visible root in the same channel. */
  duplicateRoots(): readonly DuplicateRoots[] {
    return this.workspace.channels.flatMap(duplicateRootsOf)
  }

  /** Every live mention in any version of any message. */
  pings(): readonly Located<Ping>[] {
    return pingsIn(this.workspace.channels)
  }

  /** Every live link in any version of any message. */
  links(): readonly Located<Link>[] {
    return linksIn(this.workspace.channels)
  }

  deleteMessage(channel: string, ts: string): void {
    const message = this.workspace.message(this.workspace.channel(channel), ts)
    if (message === undefined) throw new Error(`There is no message ${ts} in ${channel} to delete.\n${this.describe()}`)
    this.workspace.delete(message)
  }

  archive(channel: string, isArchived = true): void {
    this.workspace.channel(channel).isArchived = isArchived
  }

  /** Removes the bot from a channel. */
  kick(channel: string): void {
    this.workspace.channel(channel).isMember = false
  }

  invite(channel: string): void {
    this.workspace.channel(channel).isMember = true
  }

  /** A person writes something; the bot cannot edit it. */
  say(channel: string, text: string, threadTs?: string): SlackMessage {
    return this.workspace.post(this.workspace.channel(channel), { author: 'U0FAKEUSER', content: { text }, threadTs })
  }

  /** Forgets the requests so far; messages and planned faults stay. */
  forgetCalls(): void {
    this.#state.log.clear()
  }

  /** Waits until `predicate` holds, asked every few milliseconds; fails with the whole state in words. */
  async waitFor<T>(predicate: (slack: this) => T, timeoutMs: number, why: string): Promise<NonNullable<T>> {
    return await waitUntil(() => predicate(this), { timeoutMs, why, intervalMs: 10, describe: () => this.describe() })
  }

  /** Channels, messages, the last requests and the planned faults, in words. */
  describe(): string {
    return describeState({ channels: this.workspace.channels, calls: this.calls(), faults: this.pendingFaults })
  }

  #makeServer(): Server {
    return createServer((request, response) => {
      const isControl = request.url?.startsWith('/_control/') === true
      const answer = isControl ? answerControl(this, request, response) : answerRequest(this.#state, request, response)
      answer.catch((error: unknown) => {
        // A client that breaks off in the middle of its request is not a mistake in here; anything else is.
        if (!request.complete) return response.destroy()
        console.error('The fake Slack has a mistake:', error)
        response.writeHead(500).end(String(error))
      })
    })
  }
}

/** Starts a fake Slack on a free port of 127.0.0.1. */
export async function startFakeSlack(options: FakeSlackOptions): Promise<FakeSlack> {
  const slack = new FakeSlack(options)
  await slack.listen(options.port ?? 0)
  return slack
}
