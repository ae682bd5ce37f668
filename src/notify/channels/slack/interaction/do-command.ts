import type { SilenceChoice } from '../incident-actions.ts'
import { bold, type TextNode, value, words } from '../message-tree.ts'
import { contextOf, mayAct, onceKey, openModal, tell, tellOutcome } from './answer-visit.ts'
import { declareModal } from './declare-modal.ts'
import { silenceWish } from './do-button.ts'
import type { DeskCommand, SeenEntry, SeenIncident } from './incident-desk.ts'
import { factsOf } from './incident-words.ts'
import { type CommandVerb, type ReadCommand, readCommand } from './read-command.ts'
import { refreshHome } from './show-home.ts'
import type { SlackRequest } from './slack-request.ts'
import { contextBlock, type Piece, plainSection, sectionBlock } from './view-kit.ts'
import type { Visit } from './visit.ts'

type Command = Extract<SlackRequest, { kind: 'command' }>
type Done = (visit: Visit, command: Command, read: ReadCommand) => Promise<void>

const PER_PAGE = 10
const MOST_PAGES = 20
const ENTRIES_SHOWN = 8

const DOES: Readonly<Record<CommandVerb, Done>> = {
  list: listIncidents,
  show: showIncident,
  ack: async (visit, command, read) =>
    await act(visit, command, { read, wish: { action: 'acknowledge' }, done: visit.texts.acknowledged }),
  resolve: async (visit, command, read) =>
    await act(visit, command, { read, wish: { action: 'resolve' }, done: visit.texts.resolved }),
  note: addNote,
  silence,
  who: tellWho,
  declare: async (visit, { triggerId, place }, { rest }) => {
    if (!(await mayAct(visit, place))) return
    const view = declareModal(visit.texts, contextOf(visit, place), { title: rest, note: '' })
    await openModal(visit, { triggerId, place }, view)
  },
  help: async (visit, { place }) => await tell(visit, place, { text: visit.texts.help.join('\n') }),
}

/** Answers `/nunchi`, to the person alone. */
export async function doCommand(visit: Visit, command: Command): Promise<void> {
  const read = readCommand(command.text)
  await DOES[read.verb](visit, command, read)
}

async function listIncidents(visit: Visit, { place }: Command, { rest }: ReadCommand): Promise<void> {
  const { desk, actor, texts } = visit
  const page = Math.min(MOST_PAGES, Math.max(1, Number.parseInt(rest, 10) || 1))
  // One more than the page shows whether there is another.
  const all = await desk.incidents.list(actor, { limit: page * PER_PAGE + 1 })
  const shown = all.slice((page - 1) * PER_PAGE, page * PER_PAGE)
  if (shown.length === 0)
    return await tell(visit, place, { text: page === 1 ? texts.noOpenIncidents : texts.noMorePages })
  const hasMore = all.length > page * PER_PAGE && page < MOST_PAGES
  await tell(visit, place, {
    text: shown.map(({ name, title }) => `${name} ${title}`).join('\n'),
    blocks: [
      ...shown.flatMap((incident) => entryOf(visit, incident)),
      ...(hasMore ? [contextBlock(texts.nextPage(page + 1))] : []),
    ],
  })
}

function entryOf({ texts, desk }: Visit, incident: SeenIncident): readonly Piece[] {
  return [sectionBlock(headingOf(incident)), contextBlock(factsOf(incident, texts, desk.now()))]
}

function headingOf({ name, title }: SeenIncident): readonly TextNode[] {
  return [bold(name), words(' '), value(title)]
}

async function showIncident(visit: Visit, { place }: Command, read: ReadCommand): Promise<void> {
  const found = await findNamed(visit, place, read)
  if (found === null) return
  const { incident, timeline } = found
  const entries = timeline.slice(0, ENTRIES_SHOWN).map((entry) => entryWords(visit, entry))
  await tell(visit, place, {
    text: `${incident.name} ${incident.title}`,
    blocks: [...entryOf(visit, incident), contextBlock(visit.texts.timeline), plainSection(entries.join('\n'))],
  })
}

function entryWords({ texts, desk }: Visit, { at, by, reason }: SeenEntry): string {
  return `${texts.lasted(desk.now() - Date.parse(at))} · ${by.name}: ${reason.replaceAll(/\s+/g, ' ').slice(0, 200)}`
}

async function tellWho(visit: Visit, command: Command, read: ReadCommand): Promise<void> {
  const found = await findNamed(visit, command.place, read)
  if (found === null) return
  const { texts, desk } = visit
  const { incident, timeline } = found
  const lasted = (at: string): string => texts.lasted(desk.now() - Date.parse(at))
  const { owner, acknowledgedBy, acknowledgedAt } = incident
  // Nunchi itself answers for nothing.
  const last = timeline.find(({ by }) => by.id !== 'nunchi')
  const lines = [
    `${incident.name} ${incident.title}`,
    texts.owner(owner?.name ?? texts.nobody),
    ...(acknowledgedBy && acknowledgedAt ? [texts.acknowledgedBy(acknowledgedBy.name, lasted(acknowledgedAt))] : []),
    ...(last ? [texts.lastActed(last.by.name, lasted(last.at))] : []),
  ]
  await tell(visit, command.place, { text: lines.join('\n') })
}

async function findNamed(visit: Visit, place: Command['place'], { incident, verb }: ReadCommand) {
  if (incident === null) {
    await tell(visit, place, { text: visit.texts.whichIncident(verb) })
    return null
  }
  const found = await visit.desk.incidents.find(visit.actor, incident)
  if (found === null) await tell(visit, place, { text: visit.texts.notFound(incident) })
  return found
}

async function addNote(visit: Visit, command: Command, read: ReadCommand): Promise<void> {
  if (read.incident !== null && read.rest === '')
    return await tell(visit, command.place, { text: visit.texts.noteWithoutText })
  await act(visit, command, { read, wish: { action: 'note' }, done: visit.texts.noted })
}

async function silence(visit: Visit, command: Command, read: ReadCommand): Promise<void> {
  const choice = read.rest === '' ? '1h' : read.rest.toLowerCase()
  const wish = silenceWish(choice, visit.receipt.receivedAt)
  if (wish === null) return await tell(visit, command.place, { text: visit.texts.silenceChoices })
  const done = (name: string): string => visit.texts.silenced(name, choice as SilenceChoice)
  await act(visit, command, { read: { ...read, rest: '' }, wish, done })
}

interface Act {
  readonly read: ReadCommand
  readonly wish: Pick<DeskCommand, 'action' | 'until'>
  readonly done: (name: string) => string
}

async function act(visit: Visit, { place }: Command, { read, wish, done }: Act): Promise<void> {
  if (!(await mayAct(visit, place))) return
  if (read.incident === null) return await tell(visit, place, { text: visit.texts.whichIncident(read.verb) })
  const command = { ...wish, incidentId: read.incident, reason: read.rest, assignee: null }
  const answer = await visit.desk.incidents.act(visit.actor, { ...command, idempotencyKey: onceKey(visit, 'command') })
  await tellOutcome(visit, place, {
    answer,
    asked: read.incident,
    done: answer.ok ? done(answer.incident.name) : null,
  })
  if (answer.ok) await refreshHome(visit)
}
