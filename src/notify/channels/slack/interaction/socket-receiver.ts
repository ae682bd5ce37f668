import { setTimeout as sleep } from 'node:timers/promises'
import type { SocketModeClient } from '@slack/socket-mode'
import { silentSlackLogger } from '../call-slack.ts'
import { textAt } from './json-fields.ts'
import { type ReadPayload, readCommandPayload, readEvent, readInteractive } from './read-interaction.ts'
import { type DoorWorkspace, type ReceiveDeps, type SlackReply, takePayload } from './receive-slack.ts'
import { socketProblemOf } from './socket-problem.ts'

export interface SocketWorkspace extends DoorWorkspace {
  readonly appToken: string
  readonly apiUrl: string
}

export interface SocketDeps extends ReceiveDeps {
  /** Something was kept: the jobs have something to do. */
  readonly onKept: () => void
  /** Why clicks do not arrive at the moment; null = they do. */
  readonly onState: (workspace: string, problem: string | null) => void
  /** An envelope was not taken. Slack shows the person an error, or sends it again. */
  readonly onFault: (error: unknown) => void
}

interface Envelope {
  readonly type: string
  readonly body: unknown
  readonly accepts_response_payload?: boolean
  readonly ack: (response?: object) => Promise<void>
}

const READERS: Readonly<Record<string, (body: unknown) => ReadPayload | null>> = {
  interactive: readInteractive,
  slash_commands: (body) => readCommandPayload(body as Readonly<Record<string, unknown>>),
  events_api: readEvent,
}

const HELLO_WITHIN_MS = 15_000
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
/** A connection that held so long was a good one: the next attempt need not wait. */
const GOOD_AFTER_MS = 10_000

/**
 * Takes what people do in Slack over a connection that Nunchi opens, for installations that Slack cannot reach. An
 * envelope is acknowledged after its receipt is committed. Connects again by itself: the client's own way of doing so
 * ends the process when Slack cannot be reached.
 */
export class SocketReceiver {
  readonly #deps: SocketDeps
  readonly #workspace: SocketWorkspace
  readonly #stop = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #loop: Promise<void> | null = null
  #client: SocketModeClient | null = null

  constructor(deps: SocketDeps, workspace: SocketWorkspace) {
    this.#deps = deps
    this.#workspace = workspace
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Ends the connection after what was received is kept and acknowledged. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#underWay)
    await this.#client?.disconnect().catch(() => undefined)
    await this.#loop
  }

  async #run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS
    while (!this.#stop.signal.aborted) {
      const before = performance.now()
      const problem = await this.#connectOnce().catch(reasonOf)
      if (this.#stop.signal.aborted) return
      if (performance.now() - before > GOOD_AFTER_MS) waitMs = FIRST_WAIT_MS
      if (problem !== null) this.#deps.onState(this.#workspace.name, problem)
      await sleep(waitMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
    }
  }

  /** One connection from its opening to its end. Answers why there was none, or null when it held for a while. */
  async #connectOnce(): Promise<string | null> {
    // Loaded only where it is used: with its own HTTP client it takes ten megabytes.
    const { SocketModeClient } = await import('@slack/socket-mode')
    const client = new SocketModeClient({
      appToken: this.#workspace.appToken,
      autoReconnectEnabled: false,
      logger: silentSlackLogger,
      clientOptions: { slackApiUrl: this.#workspace.apiUrl, retryConfig: { retries: 0 }, timeout: HELLO_WITHIN_MS },
    })
    this.#client = client
    const ended = new Promise<void>((resolve) => client.on('disconnected', () => resolve()))
    client.on('slack_event', (envelope: Envelope) => this.#follow(this.#take(envelope)))
    const late = sleep(HELLO_WITHIN_MS, 'late' as const, { ref: false, signal: this.#stop.signal }).catch(
      () => 'late' as const,
    )
    const started = client.start()
    // A start that nobody waits for any more may still fail.
    started.catch(() => undefined)
    if ((await Promise.race([started, late])) === 'late') {
      await client.disconnect().catch(() => undefined)
      return 'Slack did not say hello in time'
    }
    this.#deps.onState(this.#workspace.name, null)
    await ended
    return null
  }

  #follow(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  async #take(envelope: Envelope): Promise<void> {
    try {
      const reader = Object.hasOwn(READERS, envelope.type) ? READERS[envelope.type] : undefined
      const read = reader?.(envelope.body) ?? null
      const reply: SlackReply = read === null ? { kind: 'refused' } : await this.#keep(read)
      // Not acknowledged, it is shown to the person as an error or comes again, when we know who we are.
      if (reply.kind === 'later') return
      const body = reply.kind === 'taken' && envelope.accepts_response_payload === true ? reply.body : null
      await envelope.ack(body ?? undefined)
      if (reply.kind === 'taken' && reply.isNew) this.#deps.onKept()
    } catch (error) {
      this.#deps.onFault(error)
    }
  }

  async #keep(read: ReadPayload): Promise<SlackReply> {
    return await takePayload(this.#deps, [this.#workspace], read)
  }
}

function reasonOf(error: unknown): string {
  return socketProblemOf(textAt((error as { data?: unknown } | null)?.data, 'error'))
}
