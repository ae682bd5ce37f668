import { incidentBlockId, SILENCE_CHOICES } from '../incident-actions.ts'
import { bold, value, words } from '../message-tree.ts'
import type { SeenIncident } from './incident-desk.ts'
import { factsOf } from './incident-words.ts'
import type { InteractionTexts } from './interaction-texts.ts'
import {
  actionsBlock,
  button,
  contextBlock,
  DIVIDER,
  headerBlock,
  menu,
  type Piece,
  plainSection,
  sectionBlock,
} from './view-kit.ts'

/** What the Home tab of one person shows. */
export interface HomeContent {
  readonly mine: readonly SeenIncident[]
  /** Open, critical, and not among `mine`. */
  readonly critical: readonly SeenIncident[]
  /** False: nothing to click. */
  readonly mayAct: boolean
  /** What became of what the person did here last; null = nothing to say. */
  readonly notice: string | null
  readonly now: number
}

/** Each incident takes three blocks, and Slack shows a hundred. */
const MOST_SHOWN = 12

/** The Home tab: the person's incidents and the open critical ones, with their buttons. */
export function homeView(content: HomeContent, texts: InteractionTexts): Piece {
  const { home } = texts
  return {
    type: 'home',
    blocks: [
      headerBlock(home.title),
      ...(content.notice === null ? [] : [plainSection(content.notice)]),
      ...listOf(home.mine, home.nothingMine, content.mine, { content, texts }),
      ...listOf(home.critical, home.noCritical, content.critical, { content, texts }),
      contextBlock(home.hint),
    ],
  }
}

/** The Home tab of somebody who may see nothing. */
export function closedHomeView(why: string, texts: InteractionTexts): Piece {
  return { type: 'home', blocks: [headerBlock(texts.home.title), plainSection(why)] }
}

interface Shown {
  readonly content: HomeContent
  readonly texts: InteractionTexts
}

function listOf(title: string, otherwise: string, incidents: readonly SeenIncident[], shown: Shown): readonly Piece[] {
  const heading = [DIVIDER, sectionBlock([bold(title)])]
  if (incidents.length === 0) return [...heading, plainSection(otherwise)]
  const left = incidents.length - MOST_SHOWN
  return [
    ...heading,
    ...incidents.slice(0, MOST_SHOWN).flatMap((incident) => entryOf(incident, shown)),
    ...(left > 0 ? [contextBlock(shown.texts.home.more(left))] : []),
  ]
}

function entryOf(incident: SeenIncident, { content, texts }: Shown): readonly Piece[] {
  return [
    sectionBlock([bold(incident.name), words(' '), value(incident.title)]),
    contextBlock(factsOf(incident, texts, content.now)),
    ...(content.mayAct ? [buttonsOf(incident, texts)] : []),
  ]
}

function buttonsOf({ id, status }: SeenIncident, { button: label, silence }: InteractionTexts): Piece {
  const options = SILENCE_CHOICES.map((choice) => ({ value: choice, text: silence[choice] }))
  return actionsBlock(incidentBlockId(id), [
    ...(status === 'active' ? [button('nunchi:acknowledge', label.acknowledge, id, 'primary')] : []),
    button('nunchi:resolve', label.resolve, id),
    button('nunchi:assign-me', label.assignMe, id),
    menu('nunchi:silence', options, { placeholder: label.silence }),
    button('nunchi:more', label.more, id),
  ])
}
