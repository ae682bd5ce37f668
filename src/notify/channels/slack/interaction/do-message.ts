import { incidentOfRoot } from '../../../root-message-queries.ts'
import { contextOf, mayAct, onceKey, openModal, tellOutcome } from './answer-visit.ts'
import { declareModal, timelineModal } from './declare-modal.ts'
import { refreshHome } from './show-home.ts'
import type { ReplyPlace, SlackRequest } from './slack-request.ts'
import type { Desk, Visit } from './visit.ts'

type Shortcut = Extract<SlackRequest, { kind: 'shortcut' }>
type Memo = Extract<SlackRequest, { kind: 'memo' }>

/** Makes an incident of a message, or a note of it in the timeline of the incident in whose thread it stands. */
export async function doShortcut(visit: Visit, shortcut: Shortcut): Promise<void> {
  const { place, text, triggerId, channel, messageTs } = shortcut
  if (!(await mayAct(visit, place))) return
  if (shortcut.shortcut === 'nunchi:declare-from-message') {
    const [title = ''] = text.split('\n')
    const note = text.trim() === title.trim() ? '' : text
    return await openModal(
      visit,
      { triggerId, place },
      declareModal(visit.texts, contextOf(visit, place), { title, note }),
    )
  }
  const incidentId = await incidentIn(visit.desk, channel, place.threadTs ?? messageTs)
  if (incidentId !== null) return await addNote(visit, { incidentId, text, place })
  await openModal(
    visit,
    { triggerId, place },
    timelineModal(visit.texts, contextOf(visit, place, { note: text.slice(0, 2_000) })),
  )
}

/** A reply that begins with :memo: lands in the timeline of the incident whose thread it is. In any other thread it is nothing of ours. */
export async function doMemo(visit: Visit, { channel, threadTs, text }: Memo): Promise<void> {
  const incidentId = await incidentIn(visit.desk, channel, threadTs)
  if (incidentId === null) return
  const place: ReplyPlace = { responseUrl: null, channel, threadTs, isHome: false }
  if (await mayAct(visit, place)) await addNote(visit, { incidentId, text, place })
}

/** The incident whose thread begins with a message, or null when it is none of ours. */
export async function incidentIn(
  desk: Pick<Desk, 'db' | 'tenantId' | 'channels'>,
  channel: string,
  root: string,
): Promise<string | null> {
  const channelIds = desk.channels.map(({ id }) => id)
  return await incidentOfRoot(desk.db, desk.tenantId, { channelIds, rootId: root, place: channel })
}

async function addNote(
  visit: Visit,
  { incidentId, text, place }: { readonly incidentId: string; readonly text: string; readonly place: ReplyPlace },
): Promise<void> {
  const command = { action: 'note', incidentId, reason: text, assignee: null } as const
  const answer = await visit.desk.incidents.act(visit.actor, { ...command, idempotencyKey: onceKey(visit, 'note') })
  const done = answer.ok ? visit.texts.noted(answer.incident.name) : null
  await tellOutcome(visit, place, { answer, asked: incidentId, done })
  if (answer.ok) await refreshHome(visit)
}
