import { isObject } from './schema-checks.ts'

/** What goes wrong. A message is stored only where that is said. */
export type Fault =
  /** Status 429. `retryAfter` is sent as it is, sensible or not; without it the header is missing. */
  | { readonly kind: 'rate-limited'; readonly retryAfter?: number | string }
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** Status 200 with a web page instead of JSON, as a proxy or a maintenance page answers. */
  | { readonly kind: 'html' }
  /** `{ok: false, error}`; with `stores` the message is stored nevertheless, as after `fatal_error`. */
  | {
      readonly kind: 'error'
      readonly error: string
      readonly details?: Readonly<Record<string, unknown>>
      readonly stores?: boolean
    }
  /** Waits, then answers as usual. The message is stored before the wait, after it (default) or not at all. */
  | { readonly kind: 'hang'; readonly ms: number; readonly stores?: 'first' | 'last' | 'never' }
  /** Stores the message and destroys the connection without an answer. */
  | { readonly kind: 'accept-then-drop' }
  /** Stores the message; the answer's body trickles in over `ms`. */
  | { readonly kind: 'slow-body'; readonly ms: number }
  /** Destroys the connection at once. */
  | { readonly kind: 'down' }

/** Where and how often a fault happens; without `method` and `channel` everywhere, without `times` until cleared. */
export interface FaultRule {
  readonly fault: Fault
  /** For example `chat.postMessage`; the incoming webhook is `webhook`. */
  readonly method?: string
  readonly channel?: string
  readonly times?: number
  /** Lets this many matching requests pass first. */
  readonly after?: number
}

interface PlannedFault {
  readonly rule: FaultRule
  skips: number
  left: number
}

const KINDS = ['rate-limited', 'status', 'html', 'error', 'hang', 'accept-then-drop', 'slow-body', 'down']

/** The faults that are still to happen. The oldest matching rule wins. */
export class FaultPlan {
  readonly #planned: PlannedFault[] = []

  /** Plans a fault; the returned function takes it back. */
  add(rule: FaultRule): () => void {
    const planned = { rule, skips: rule.after ?? 0, left: rule.times ?? Number.POSITIVE_INFINITY }
    this.#planned.push(planned)
    return () => {
      planned.left = 0
    }
  }

  clear(): void {
    this.#planned.length = 0
  }

  /** The rules that are not used up. */
  get pending(): readonly FaultRule[] {
    return this.#planned.filter((planned) => planned.left > 0).map((planned) => planned.rule)
  }

  /** The fault of this request, used up by asking. */
  take(request: { readonly method: string; readonly channel: string | undefined }): Fault | undefined {
    for (const planned of this.#planned) {
      const { rule } = planned
      if (planned.left <= 0) continue
      if (rule.method !== undefined && rule.method !== request.method) continue
      if (rule.channel !== undefined && rule.channel !== request.channel) continue
      if (planned.skips > 0) {
        planned.skips -= 1
        continue
      }
      planned.left -= 1
      return rule.fault
    }
    return undefined
  }
}

/** Reads a rule that came over HTTP; fails when it is none. */
export function readFaultRule(value: unknown): FaultRule {
  const fault = isObject(value) ? value['fault'] : undefined
  if (!isObject(fault) || !KINDS.includes(String(fault['kind']))) {
    throw new Error(`A fault rule needs {"fault": {"kind": one of ${KINDS.join(', ')}}}.`)
  }
  return value as unknown as FaultRule
}
