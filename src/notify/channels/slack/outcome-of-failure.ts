import type { FindOutcome, SendOutcome } from '../../channel.ts'
import { type RefusalRule, ruleOf } from './refusals.ts'
import { retryDelayMs, type SlackFailure } from './slack-failure.ts'

/** What a failed attempt means for the message: an outcome, or that a poorer form should be tried. */
export type Verdict =
  | Exclude<SendOutcome, { readonly kind: 'delivered' }>
  | { readonly kind: 'degrade'; readonly dropsMetadata: boolean; readonly error: string; readonly detail: string }

export interface Attempt {
  /** The channel as people should read it, e.g. `C0123456789`. */
  readonly place: string
  readonly isReply: boolean
}

/** Judges a failed attempt to post. */
export function verdictOf(failure: SlackFailure, attempt: Attempt): Verdict {
  switch (failure.kind) {
    case 'rate-limited':
      return {
        kind: 'retry',
        reason: 'rate-limited',
        detail: `Slack asks to wait ${seconds(failure.afterMs)} before the next message to ${attempt.place}`,
        afterMs: failure.afterMs,
        pause: 'channel',
      }
    case 'not-done':
      return { kind: 'retry', reason: failure.reason, detail: failure.detail, afterMs: null, pause: 'account' }
    case 'unclear':
      return { kind: 'ambiguous', detail: failure.detail }
    case 'unsendable':
      return { kind: 'degrade', dropsMetadata: false, error: 'unsendable', detail: failure.detail }
    case 'refused':
      return refusalVerdict(failure, attempt)
  }
}

/** What a failed look-up means: never that the message is absent. */
export function unknownOf(failure: SlackFailure, place: string): Extract<FindOutcome, { kind: 'unknown' }> {
  const verdict = verdictOf(failure, { place, isReply: false })
  const afterMs = verdict.kind === 'retry' ? verdict.afterMs : null
  const reason =
    verdict.kind === 'retry' || verdict.kind === 'rejected'
      ? verdict.reason
      : failure.kind === 'unclear'
        ? failure.reason
        : 'unknown-refusal'
  return { kind: 'unknown', reason, afterMs, detail: verdict.detail }
}

type Refused = Extract<SlackFailure, { kind: 'refused' }>

function refusalVerdict(refused: Refused, attempt: Attempt): Verdict {
  const rule = ruleOf(refused.error)
  const said = saidBy(refused)
  switch (rule.does) {
    case 'wait': {
      const afterMs = rule.afterMs ?? retryDelayMs(null)
      return {
        kind: 'retry',
        reason: 'rate-limited',
        detail: `${said}; waiting ${seconds(afterMs)}`,
        afterMs,
        pause: rule.pause,
      }
    }
    case 'retry':
      return { kind: 'retry', reason: rule.reason, detail: said, afterMs: rule.afterMs, pause: rule.pause }
    case 'doubt':
      return { kind: 'ambiguous', detail: said }
    case 'degrade':
      // `invalid_arguments` stands for many mistakes; a thread id that Slack cannot read is one of them.
      if (attempt.isReply && refused.explanation.includes('thread_ts')) return { kind: 'thread-gone', detail: said }
      return { kind: 'degrade', dropsMetadata: rule.dropsMetadata, error: refused.error, detail: said }
    case 'thread-gone':
      if (attempt.isReply) return { kind: 'thread-gone', detail: said }
      return { kind: 'rejected', reason: 'unknown-refusal', detail: said }
    case 'reject':
      return { kind: 'rejected', reason: rule.reason, detail: remedyOf(rule, refused, attempt.place) }
  }
}

function remedyOf(rule: Extract<RefusalRule, { does: 'reject' }>, refused: Refused, place: string): string {
  return `${rule.remedy(place, refused.needed)} (${saidBy(refused)})`
}

function saidBy({ error, explanation }: Refused): string {
  return explanation === '' ? `Slack said ${error}` : `Slack said ${error}: ${explanation}`
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}
