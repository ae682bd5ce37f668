import type { TsClock } from './ts-clock.ts'
import type { Edit, StoredContent } from './workspace.ts'

/** A message that one person sees, until they reload; it is in no history. */
export interface EphemeralMessage {
  readonly channel: string
  readonly ts: string
  readonly userId: string
  readonly threadTs?: string
  readonly postedAt: number
  /** What showed it: a method, a `response_url`, or the answer to a `command`. */
  readonly by: 'chat.postEphemeral' | 'response_url' | 'command'
  content: StoredContent
  readonly edits: Edit[]
  deletedAt?: number
}

/** Everything that was shown to one person only. */
export class EphemeralStore {
  readonly all: EphemeralMessage[] = []
  readonly #now: () => number
  readonly #clock: TsClock

  constructor(now: () => number, clock: TsClock) {
    this.#now = now
    this.#clock = clock
  }

  show(shown: Pick<EphemeralMessage, 'channel' | 'threadTs' | 'content' | 'by' | 'userId'>): EphemeralMessage {
    const message = { ...shown, ts: this.#clock.next(), postedAt: this.#now(), edits: [] }
    this.all.push(message)
    return message
  }

  /** What a person still sees under that ts. */
  find(userId: string, ts: string): EphemeralMessage | undefined {
    return this.all.find((one) => one.userId === userId && one.ts === ts && one.deletedAt === undefined)
  }

  replace(message: EphemeralMessage, content: StoredContent): void {
    message.edits.push({ replacedAt: this.#now(), content: message.content })
    message.content = content
  }

  delete(message: EphemeralMessage): void {
    message.deletedAt = this.#now()
  }
}
