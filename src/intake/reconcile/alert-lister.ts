import type { AskHttp } from './ask-http.ts'

/** One alert as its sender lists it at this moment. */
export interface ListedAlert {
  /** As the webhook has it too: it ties the two together. */
  readonly fingerprint: string
  /** Milliseconds since 1970. */
  readonly startsAt: number
  /** Silenced or inhibited: it fires, and its sender tells nobody of it. */
  readonly isMuted: boolean
  /** Where the sender's routes send it. */
  readonly receivers: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** One element of a webhook's `alerts`, as the adapter of the source reads it. */
  readonly alert: object
}

/** What came of asking one server. */
export type Listing =
  | {
      readonly kind: 'listed'
      /** Names the life of the process that answered: another one has begun with an empty memory. Null: it does not say. */
      readonly life: string | null
      /** When that life began, by our clock, ms since 1970; null: it does not say. */
      readonly startedAt: number | null
      /** False while it still gathers what its peers know. */
      readonly isReady: boolean
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly remedy: string }

/** Asks one server of a sender what fires now: one of these per server and kind of source. */
export interface AlertLister {
  /** Names the server for people; holds no secret. */
  readonly place: string
  /**
   * Gives every alert that fires, muted ones included, to `onAlert`; those of an answer that then turns out to be broken
   * as well, and it is `failed` then. Never throws for what a server does.
   */
  readonly list: (onAlert: (alert: ListedAlert) => void, stop: AbortSignal) => Promise<Listing>
}

/** Where a server is and how it is asked. */
export interface ListerSettings {
  /** With a slash at its end; paths are resolved against it. */
  readonly baseUrl: URL
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface ListerDeps {
  readonly ask: AskHttp
  readonly now: () => number
}
