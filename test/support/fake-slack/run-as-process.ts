import { fileURLToPath } from 'node:url'
import { type ProgramEnd, SupervisedProgram } from '../supervised-program.ts'
import { waitUntil } from '../wait-until.ts'
import type { SlackCall } from './call-log.ts'
import type { EphemeralMessage } from './ephemeral-store.ts'
import type { FaultRule } from './faults.ts'
import type { Delivery, PersonError } from './interaction/delivery.ts'
import type { EventName } from './interaction/event-feed.ts'
import type { AppAddress } from './interaction/interactive-slack.ts'
import { type Deed, RemotePerson } from './interaction/remote-person.ts'
import type { Link, Ping } from './live-markup.ts'
import type { DuplicateRoots, Located } from './message-queries.ts'
import type { LimitMode } from './rate-limits.ts'
import type { SlackUser, UserOptions } from './slack-user.ts'
import type { CallTally } from './tally-calls.ts'
import type { TokenOptions } from './tokens.ts'
import type { SlackView } from './view-store.ts'
import type { Edit, SlackMessage } from './workspace.ts'

/** What `GET /_control/findings` answers. */
export interface Findings {
  /** How many messages were stored. */
  readonly posts: number
  readonly duplicateRoots: readonly DuplicateRoots[]
  readonly pings: readonly Located<Ping>[]
  readonly links: readonly Located<Link>[]
}

/** How the process starts. */
export interface SlackProcessOptions {
  readonly limits: LimitMode
  readonly port?: number
  readonly channels?: readonly string[]
}

/** A fake Slack in a process of its own, for chaos and load where it must not share the test's event loop. */
export class SlackProcess {
  readonly apiUrl: string
  readonly webhookUrl: string
  readonly #program: SupervisedProgram

  constructor(program: SupervisedProgram, urls: { readonly apiUrl: string; readonly webhookUrl: string }) {
    this.#program = program
    this.apiUrl = urls.apiUrl
    this.webhookUrl = urls.webhookUrl
  }

  /** Sends a command of the control API, for example `('POST', '/kick?channel=C1')`; fails when it is refused. */
  async control<T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const url = this.apiUrl.replace('/api/', `/_control${path}`)
    const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await response.text()
    if (!response.ok) throw new Error(`The fake Slack refused ${method} ${path}: ${text}\n${this.#program.logTail()}`)
    return JSON.parse(text) as T
  }

  async addFault(rule: FaultRule): Promise<void> {
    await this.control('POST', '/faults', rule)
  }

  async findings(): Promise<Findings> {
    return await this.control<Findings>('GET', '/findings')
  }

  /** Requests after the first `after`, in the order of arrival. */
  async calls(after = 0): Promise<readonly SlackCall[]> {
    return (await this.control<{ calls: readonly SlackCall[] }>('GET', `/log?after=${after}`)).calls
  }

  /** How often each method ended how, since the start. */
  async tally(): Promise<readonly CallTally[]> {
    return (await this.control<{ tally: readonly CallTally[] }>('GET', '/tally')).tally
  }

  async messages(channel: string): Promise<readonly SlackMessage[]> {
    return (await this.control<{ messages: readonly SlackMessage[] }>('GET', `/messages?channel=${channel}`)).messages
  }

  /** Tells where the app listens; see `FakeSlack.useRequestUrls`. */
  async useRequestUrls(address: AppAddress, signingSecret?: string): Promise<void> {
    await this.control('POST', '/link', { kind: 'http', address, signingSecret })
  }

  async useSocketMode(): Promise<void> {
    await this.control('POST', '/link', { kind: 'socket' })
  }

  async addUser(options: UserOptions): Promise<SlackUser> {
    return await this.control<SlackUser>('POST', '/users', options)
  }

  async subscribe(...events: readonly EventName[]): Promise<void> {
    for (const event of events) await this.control('POST', `/subscribe?event=${event}`)
  }

  /** Changes what a token may do or whether it still works. */
  async changeToken(change: Partial<Omit<TokenOptions, 'token'>>, token?: string): Promise<void> {
    await this.control('POST', `/token${token === undefined ? '' : `?token=${token}`}`, change)
  }

  /** Somebody, to do something as them. */
  person(id: string): RemotePerson {
    const act = async (deed: Deed) => (await this.control<{ result?: unknown }>('POST', '/act', deed)).result
    return new RemotePerson(act, id)
  }

  async personErrors(): Promise<readonly PersonError[]> {
    return (await this.control<{ errors: readonly PersonError[] }>('GET', '/person-errors')).errors
  }

  /** What the app was told after the first `after` times. */
  async deliveries(after = 0): Promise<readonly Delivery[]> {
    return (await this.control<{ deliveries: readonly Delivery[] }>('GET', `/deliveries?after=${after}`)).deliveries
  }

  async ephemerals(userId: string): Promise<readonly EphemeralMessage[]> {
    const path = `/ephemerals?user=${userId}`
    return (await this.control<{ ephemerals: readonly EphemeralMessage[] }>('GET', path)).ephemerals
  }

  async modals(userId: string): Promise<readonly SlackView[]> {
    return (await this.control<{ modals: readonly SlackView[] }>('GET', `/modals?user=${userId}`)).modals
  }

  async editsOf(ts: string): Promise<readonly Edit[]> {
    return (await this.control<{ edits: readonly Edit[] }>('GET', `/edits?ts=${ts}`)).edits
  }

  async callsPerIncident(incidentId: string): Promise<readonly SlackCall[]> {
    return (await this.control<{ calls: readonly SlackCall[] }>('GET', `/incident?id=${incidentId}`)).calls
  }

  async stop(): Promise<ProgramEnd> {
    return await this.#program.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/** Starts a fake Slack as a process of its own and waits until it listens. */
export async function startSlackProcess(options: SlackProcessOptions): Promise<SlackProcess> {
  const { limits, port = 0, channels = [] } = options
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const args = [main, '--limits', limits, '--port', String(port), ...channels.flatMap((id) => ['--channel', id])]
  const program = new SupervisedProgram({ name: 'fake Slack', command: process.execPath, args })
  await program.waitUntilReady(async () => program.lines.length > 0, 10_000)
  const line = await waitUntil(() => program.lines.find((text) => text.startsWith('{')), {
    why: 'the URLs are printed',
  })
  return new SlackProcess(program, JSON.parse(line) as { apiUrl: string; webhookUrl: string })
}
