/** One question to a server that the configuration names. */
export interface HttpQuestion {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** For the whole exchange, the last byte of the body included. */
  readonly timeoutMs: number
}

/** No text in it holds a part of the URL, a header, or anything that the server wrote. */
export type HttpAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The server's own clock, ms since 1970; null when it does not say. */
      readonly date: number | null
      /** Throws when the answer breaks off or takes too long. Whoever does not read it to its end must `drop` it. */
      readonly body: AsyncIterable<Uint8Array>
      readonly drop: () => void
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly remedy: string }

/** Asks once, follows no redirect, connects only to addresses that are allowed. Never throws; the composition root fills it. */
export type AskHttp = (question: HttpQuestion, stop: AbortSignal) => Promise<HttpAnswer>
