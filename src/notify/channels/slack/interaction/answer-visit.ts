import type { WebAPICallResult } from '@slack/web-api'
import { hasScope } from '../../../../domain/actor.ts'
import { callSlack, type SlackAnswer } from '../call-slack.ts'
import { answerPrivately, type PrivateWords } from './answer-privately.ts'
import type { DeskAnswer, SeenIncident } from './incident-desk.ts'
import { refusalWords } from './incident-words.ts'
import { showHome } from './show-home.ts'
import type { ModalContext, ReplyPlace } from './slack-request.ts'
import type { Piece } from './view-kit.ts'
import type { Visit } from './visit.ts'

/** How long Slack lets a window be opened after a click. */
const TRIGGER_MS = 3_000
const TOO_LATE: ReadonlySet<string> = new Set([
  'expired_trigger_id',
  'trigger_expired',
  'exchanged_trigger_id',
  'trigger_exchanged',
])

/** Whether the person may change anything; otherwise tells why not. */
export async function mayAct(visit: Visit, place: ReplyPlace): Promise<boolean> {
  if (hasScope(visit.actor, 'respond')) return true
  await tell(visit, place, { text: visit.texts.refused['read-only'] })
  return false
}

/** Tells the person something, where the person is. A failure is reported and changes nothing. */
export async function tell(visit: Visit, place: ReplyPlace, words: PrivateWords): Promise<void> {
  const { userId } = visit.receipt
  if (place.isHome) return await showHome(visit, words.text)
  const isTold = await answerPrivately(visit.line, { place, userId, words })
  if (!isTold) visit.desk.onUntold({ what: visit.receipt.request.kind, detail: 'The answer could not be shown' })
}

/** Tells how an action ended: the refusal always, the success only where nothing else shows it. */
export async function tellOutcome(
  visit: Visit,
  place: ReplyPlace,
  outcome: { readonly answer: DeskAnswer; readonly asked: string; readonly done: string | null },
): Promise<void> {
  const { answer, asked, done } = outcome
  if (!answer.ok) return await tell(visit, place, { text: wordsOf(visit, answer, asked) })
  if (done !== null || place.isHome) await tell(visit, place, { text: done ?? '' })
}

/** Why an action was refused, in the language of the person. */
export function wordsOf(visit: Visit, answer: Extract<DeskAnswer, { ok: false }>, asked: string): string {
  const { texts, actor, desk } = visit
  return refusalWords(answer, texts, { asked, personId: actor.id, now: desk.now() })
}

/** Opens a modal, which Slack allows for three seconds after the click; afterwards tells so. */
export async function openModal(
  visit: Visit,
  { triggerId, place }: { readonly triggerId: string | null; readonly place: ReplyPlace },
  view: Piece,
): Promise<void> {
  const isLate = visit.desk.now() - visit.receipt.receivedAt > TRIGGER_MS
  if (triggerId === null || isLate) return await tell(visit, place, { text: visit.texts.tooLate })
  const opened: SlackAnswer<WebAPICallResult> = await callSlack(visit.line, (client) =>
    client.apiCall('views.open', { trigger_id: triggerId, view }),
  )
  if (opened.ok) return
  const { failure } = opened
  const isTooLate = failure.kind === 'refused' && TOO_LATE.has(failure.error)
  const detail = failure.kind === 'refused' ? failure.error : 'detail' in failure ? failure.detail : failure.kind
  await tell(visit, place, { text: isTooLate ? visit.texts.tooLate : visit.texts.couldNotOpen(detail) })
}

/** What a modal is opened for. */
export function contextOf(
  { language }: Visit,
  place: ReplyPlace,
  over: Partial<Pick<ModalContext, 'incidentId' | 'note'>> = {},
): ModalContext {
  return { incidentId: null, note: null, ...over, place, language }
}

/** The key under which a part of a request is done once, however often its job runs. */
export function onceKey({ receipt }: Visit, part: string): string {
  return `slack:${receipt.id}:${part}`
}

/** A party that stands for the person. */
export function selfOf({ actor }: Visit): { readonly id: string; readonly name: string } {
  return { id: actor.id, name: actor.name }
}

/** The incident that a name or id stands for; null when it is not there, which the person has been told. */
export async function findOrTell(visit: Visit, idOrName: string, place: ReplyPlace): Promise<SeenIncident | null> {
  const found = await visit.desk.incidents.find(visit.actor, idOrName)
  if (found === null) await tell(visit, place, { text: visit.texts.notFound(idOrName) })
  return found?.incident ?? null
}
