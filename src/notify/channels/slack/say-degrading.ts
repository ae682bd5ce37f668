import type { SlackAnswer } from './call-slack.ts'
import { type MessageContent, type MessageMetadata, poorerRung, RUNGS, type RungName } from './message-rungs.ts'
import { type Attempt, type Verdict, verdictOf } from './outcome-of-failure.ts'
import type { RenderedMessage } from './rendered-message.ts'

/** What is said, where, and by which call. */
export interface Saying<T> {
  readonly rendered: RenderedMessage
  readonly attempt: Attempt
  readonly metadata: MessageMetadata | null
  readonly call: (content: MessageContent & { readonly metadata?: MessageMetadata }) => Promise<SlackAnswer<T>>
  /** Slack refused this form; a poorer one is tried. */
  readonly onDegrade: (rung: RungName, detail: string) => void
}

export type Said<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly verdict: Exclude<Verdict, { readonly kind: 'degrade' }> }

interface Form {
  readonly rung: RungName
  readonly hasMetadata: boolean
}

/** Says a message in its richest form that Slack takes, so that none ever stays stuck for its form. */
export async function sayDegrading<T>(saying: Saying<T>): Promise<Said<T>> {
  const { rendered, metadata } = saying
  let form: Form = { rung: 'full', hasMetadata: metadata !== null }
  for (;;) {
    const content = RUNGS[form.rung](rendered)
    const answer = await saying.call(form.hasMetadata && metadata !== null ? { ...content, metadata } : content)
    if (answer.ok) return answer
    const verdict = verdictOf(answer.failure, saying.attempt)
    if (verdict.kind !== 'degrade') return { ok: false, verdict }
    saying.onDegrade(form.rung, verdict.detail)
    const next = poorerForm(form, verdict.dropsMetadata)
    if (next === null) return { ok: false, verdict: refusedInEveryForm(verdict.detail) }
    form = next
  }
}

// Metadata goes first where it is the problem and last where it may be: without it a lost answer cannot be looked up.
function poorerForm({ rung, hasMetadata }: Form, dropsMetadata: boolean): Form | null {
  if (dropsMetadata && hasMetadata) return { rung, hasMetadata: false }
  const poorer = poorerRung(rung)
  if (poorer !== null) return { rung: poorer, hasMetadata }
  return hasMetadata ? { rung, hasMetadata: false } : null
}

function refusedInEveryForm(detail: string): Extract<Verdict, { kind: 'rejected' }> {
  return {
    kind: 'rejected',
    reason: 'message-refused',
    detail: `Slack refuses the message in every form, the last as plain text: ${detail}`,
  }
}
