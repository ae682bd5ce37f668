import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerRequest, type SlackState } from './answer-request.ts'
import { CallLog, type SlackCall } from './call-log.ts'
import type { ChannelOptions } from './channel.ts'
import { answerControl } from './control-api.ts'
import { DEFAULT_CHANNEL } from './fake-slack-records.ts'
import { FaultPlan, type FaultRule } from './faults.ts'
import { webhookPath } from './incoming-webhook.ts'
import { Deliveries } from './interaction/deliveries.ts'
import { EventFeed } from './interaction/event-feed.ts'
import { InteractiveSlack } from './interaction/interactive-slack.ts'
import type { PersonWorld } from './interaction/person.ts'
import { ResponseUrls } from './interaction/response-urls.ts'
import { SocketServer } from './interaction/socket-server.ts'
import { type LimitMode, RateLimits } from './rate-limits.ts'
import type { SlackUser, UserOptions } from './slack-user.ts'
import { makeToken, type Token, type TokenOptions } from './tokens.ts'
import { type SlackMessage, Workspace } from './workspace.ts'

export { DEFAULT_CHANNEL } from './fake-slack-records.ts'

/** The tokens and the person that exist when a test asks for nothing else. */
export const DEFAULT_TOKEN = 'xoxb-fake-token'
export const DEFAULT_APP_TOKEN = 'xapp-fake-token'
export const DEFAULT_USER = 'U0FAKEUSER'

/** How a fake Slack starts. */
export interface FakeSlackOptions {
  /** Whether Slack's rate limits are in force. */
  readonly limits: LimitMode
  readonly port?: number
  readonly teamId?: string
  readonly channels?: readonly ChannelOptions[]
  readonly tokens?: readonly TokenOptions[]
  readonly users?: readonly UserOptions[]
  /** How long Slack waits for the app to answer; 3,000 ms as in Slack. */
  readonly ackTimeoutMs?: number
  /** Milliseconds since 1970; decides ts values, signatures, rate limits and how long triggers live. */
  readonly now?: () => number
}

/** A strict Slack on 127.0.0.1: it refuses what Slack refuses, breaks on demand and remembers everything. */
export class FakeSlack extends InteractiveSlack {
  readonly workspace: Workspace
  readonly sockets = new SocketServer()
  protected readonly world: PersonWorld
  readonly #state: SlackState
  readonly #tokens = new Map<string, Token>()

  constructor(options: FakeSlackOptions) {
    super()
    const now = options.now ?? Date.now
    const { channels = [{ id: DEFAULT_CHANNEL, name: 'alerts' }], tokens = [{ token: DEFAULT_TOKEN }] } = options
    this.workspace = new Workspace(channels, now, options.teamId)
    for (const user of [{ id: DEFAULT_USER, name: 'ada' }, ...(options.users ?? [])]) this.workspace.addUser(user)
    for (const token of [{ token: DEFAULT_APP_TOKEN }, ...tokens]) this.#tokens.set(token.token, makeToken(token))
    const responseUrls = new ResponseUrls(now)
    const sendEnvelope = this.sockets.send.bind(this.sockets)
    const deliveries = new Deliveries({ now, sendEnvelope, ackTimeoutMs: options.ackTimeoutMs ?? 3_000 })
    const events = new EventFeed({ workspace: this.workspace, deliveries, tokens: this.#tokens })
    this.world = { workspace: this.workspace, deliveries, events, responseUrls, origin: () => this.origin }
    this.#state = {
      workspace: this.workspace,
      tokens: this.#tokens,
      faults: new FaultPlan(),
      limits: new RateLimits(options.limits, now),
      log: new CallLog(now),
      responseUrls,
      socketUrl: () => this.sockets.issueUrl(this.origin),
    }
  }

  protected get recordedCalls(): readonly SlackCall[] {
    return this.#state.log.calls
  }

  /** An incoming-webhook URL that posts to the channel. */
  webhookUrl(channel: string = DEFAULT_CHANNEL): string {
    return `${this.origin}${webhookPath(this.workspace.teamId, this.workspace.channel(channel).id)}`
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

  /** Adds somebody to the workspace; a test may change their kind and their e-mail address later. */
  addUser(options: UserOptions): SlackUser {
    return this.workspace.addUser(options)
  }

  deleteMessage(channel: string, ts: string): void {
    this.workspace.delete(this.#message(channel, ts))
  }

  /** No message of the channel, or not this one, may be edited any more. */
  closeEditWindow(channel: string, ts?: string, isClosed = true): void {
    if (ts === undefined) this.workspace.channel(channel).isEditWindowClosed = isClosed
    else this.#message(channel, ts).isEditWindowClosed = isClosed
  }

  archive(channel: string, isArchived = true): void {
    this.workspace.channel(channel).isArchived = isArchived
  }

  /** Removes the bot from a channel, or with `userId` somebody else. */
  kick(channel: string, userId?: string): void {
    if (userId === undefined) this.workspace.channel(channel).isMember = false
    else this.workspace.channel(channel).people.delete(userId)
  }

  invite(channel: string, userId?: string): void {
    if (userId === undefined) this.workspace.channel(channel).isMember = true
    else this.workspace.channel(channel).people.add(userId)
  }

  /** A person writes something; the bot cannot edit it. */
  say(channel: string, text: string, threadTs?: string): SlackMessage {
    return this.workspace.post(this.workspace.channel(channel), { author: DEFAULT_USER, content: { text }, threadTs })
  }

  /** Forgets the requests so far; messages and planned faults stay. */
  forgetCalls(): void {
    this.#state.log.clear()
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isControl = request.url?.startsWith('/_control/') === true
    await (isControl ? answerControl(this, request, response) : answerRequest(this.#state, request, response))
  }

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.upgrade(request, socket, head)
  }

  protected cutUpgraded(): void {
    this.sockets.cut()
  }

  #message(channel: string, ts: string): SlackMessage {
    const message = this.workspace.message(this.workspace.channel(channel), ts)
    if (message === undefined) throw new Error(`There is no message ${ts} in ${channel}.\n${this.describe()}`)
    return message
  }
}

/** Starts a fake Slack on a free port of 127.0.0.1. */
export async function startFakeSlack(options: FakeSlackOptions): Promise<FakeSlack> {
  const slack = new FakeSlack(options)
  await slack.listen(options.port ?? 0)
  return slack
}
