import { UNTIL_RESOLVED } from '../../../../domain/incident.ts'
import { SILENCE_CHOICES, type SilenceChoice } from '../incident-actions.ts'
import { contextOf, findOrTell, mayAct, onceKey, openModal, selfOf, tell, tellOutcome } from './answer-visit.ts'
import type { DeskCommand } from './incident-desk.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import { moreModal } from './more-modal.ts'
import { refreshHome } from './show-home.ts'
import type { SlackRequest } from './slack-request.ts'
import type { Visit } from './visit.ts'

type Click = Extract<SlackRequest, { kind: 'button' }>
type Wish = Pick<DeskCommand, 'action' | 'assignee' | 'until'>

/** Does what a button or menu of an incident stands for. What went well is shown by the message itself; what did not, to the person alone. */
export async function doButton(visit: Visit, click: Click): Promise<void> {
  const { button, incidentId, place } = click
  if (!(await mayAct(visit, place))) return
  if (button === 'nunchi:more') return await openMore(visit, click)
  const wish = wishOf(visit, click)
  if (wish === null) return await tell(visit, place, { text: visit.texts.silenceChoices })
  const command = { ...wish, incidentId, reason: '', idempotencyKey: onceKey(visit, 'click') }
  const answer = await visit.desk.incidents.act(visit.actor, command)
  const done = answer.ok && place.isHome ? doneWords(visit.texts, click, answer.incident.name) : null
  await tellOutcome(visit, place, { answer, asked: incidentId, done })
  if (answer.ok && !place.isHome) await refreshHome(visit)
}

function wishOf(visit: Visit, { button, option }: Click): Wish | null {
  switch (button) {
    case 'nunchi:acknowledge':
      return { action: 'acknowledge', assignee: null }
    case 'nunchi:resolve':
      return { action: 'resolve', assignee: null }
    case 'nunchi:reopen':
      return { action: 'reopen', assignee: null }
    case 'nunchi:assign-me':
      return { action: 'assign', assignee: selfOf(visit) }
    default:
      return silenceWish(option, visit.receipt.receivedAt)
  }
}

const HOUR_MS = 3_600_000
const LASTS_MS: Readonly<Partial<Record<SilenceChoice, number>>> = {
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '24h': 24 * HOUR_MS,
}

/** What a choice of how long means, from the moment of the choice on; null when it is none. */
export function silenceWish(choice: string | null, chosenAt: number): Wish | null {
  const known = SILENCE_CHOICES.find((each) => each === choice)
  if (known === undefined) return null
  if (known === 'off') return { action: 'unsilence', assignee: null }
  const lastsMs = LASTS_MS[known]
  return { action: 'silence', assignee: null, until: lastsMs === undefined ? UNTIL_RESOLVED : chosenAt + lastsMs }
}

function doneWords(texts: InteractionTexts, { button, option }: Click, name: string): string {
  switch (button) {
    case 'nunchi:acknowledge':
      return texts.acknowledged(name)
    case 'nunchi:resolve':
      return texts.resolved(name)
    case 'nunchi:reopen':
      return texts.reopened(name)
    case 'nunchi:assign-me':
      return texts.assigned(name)
    default:
      return texts.silenced(name, option as SilenceChoice)
  }
}

async function openMore(visit: Visit, { incidentId, place, triggerId }: Click): Promise<void> {
  const incident = await findOrTell(visit, incidentId, place)
  if (incident === null) return
  const context = contextOf(visit, place, { incidentId: incident.id })
  const view = moreModal(incident, visit.texts, { channels: visit.desk.channels, context })
  await openModal(visit, { triggerId, place }, view)
}
