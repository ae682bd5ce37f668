import { randomBytes } from 'node:crypto'

/** How long a person waits for the view that belongs to a click. */
export const TRIGGER_MS = 3_000

/** Why a trigger opens nothing (any more). */
export type TriggerRefusal = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id'

interface Trigger {
  readonly userId: string
  readonly issuedAt: number
  isExchanged: boolean
}

/** The permissions to show somebody a view: each lives three seconds and is good for one view. */
export class TriggerIds {
  readonly #now: () => number
  readonly #triggers = new Map<string, Trigger>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(userId: string): string {
    const id = `${this.#triggers.size + 1}.${this.#now()}.${randomBytes(16).toString('hex')}`
    this.#triggers.set(id, { userId, issuedAt: this.#now(), isExchanged: false })
    return id
  }

  /** Whose trigger it is, or why it opens nothing. Asking does not use it up. */
  judge(id: string): { readonly userId: string } | { readonly refusal: TriggerRefusal } {
    const trigger = this.#triggers.get(id)
    if (trigger === undefined) return { refusal: 'invalid_trigger_id' }
    if (trigger.isExchanged) return { refusal: 'exchanged_trigger_id' }
    return this.#now() - trigger.issuedAt > TRIGGER_MS ? { refusal: 'expired_trigger_id' } : { userId: trigger.userId }
  }

  /** Uses it up. */
  exchange(id: string): void {
    const trigger = this.#triggers.get(id)
    if (trigger !== undefined) trigger.isExchanged = true
  }
}
