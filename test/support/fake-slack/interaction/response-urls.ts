import { randomBytes } from 'node:crypto'
import type { EphemeralMessage } from '../ephemeral-store.ts'
import type { SlackMessage } from '../workspace.ts'

const USES = 5
const LIFE_MS = 30 * 60_000

/** What a response_url belongs to. */
export interface ResponseTarget {
  readonly kind: 'actions' | 'commands'
  readonly userId: string
  readonly channel: string
  /** What was clicked; a command has none. */
  readonly original?: SlackMessage | EphemeralMessage
}

interface Issued extends ResponseTarget {
  readonly issuedAt: number
  uses: number
}

/** The addresses through which an app answers a person: each good for five uses in thirty minutes. */
export class ResponseUrls {
  readonly #now: () => number
  readonly #issued = new Map<string, Issued>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** The path of a new address. */
  issue(target: ResponseTarget, teamId: string): string {
    const path = `/${target.kind}/${teamId}/${this.#issued.size + 1}/${randomBytes(12).toString('hex')}`
    this.#issued.set(path, { ...target, issuedAt: this.#now(), uses: 0 })
    return path
  }

  /** Uses an address once; a string is Slack's reason to refuse. */
  take(path: string): ResponseTarget | string {
    const issued = this.#issued.get(path)
    if (issued === undefined) return 'no_service'
    if (this.#now() - issued.issuedAt > LIFE_MS) return 'expired_url'
    if (issued.uses >= USES) return 'used_url'
    issued.uses += 1
    return issued
  }

  /** The channel of an address, used up or not. */
  channelOf(path: string): string | undefined {
    return this.#issued.get(path)?.channel
  }
}
