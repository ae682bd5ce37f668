import { incidentName } from '../../../../domain/incident.ts'
import type { IncidentMessage, MessageNote, MessagePurpose } from '../../../channel.ts'
import { clampPlain } from '../clamp-text.ts'
import { plainText, words as say, strong, type TextNode, textObject, value } from '../message-tree.ts'
import type { RenderedMessage, RenderUse } from '../rendered-message.ts'
import { styleOf } from '../severity-style.ts'
import { fieldsOf, isResolvedByItself, summaryOf, timesOf } from './default-root.ts'
import { countsOf, nameOf } from './incident-status.ts'
import { isShown, titleOf } from './message-facts.ts'
import { headlineOf, type MessageVoice } from './message-voice.ts'
import { fill, timesWords } from './message-words.ts'
import { joinPhrases, phrase } from './phrase.ts'

type News = Omit<RenderedMessage, 'mentions'>
type Phrase = readonly TextNode[]

const MOST_NOTES = 5
const MOST_NOTE = 1_000

/** What a person must hear, in one to three lines. Under its root it says no more than what is new; alone it also says of what. */
export function defaultNews(message: IncidentMessage, voice: MessageVoice, use: RenderUse = {}): News {
  const { incident, purpose } = message
  const { icon, color } = styleOf(purpose, incident.severity)
  const headline = headlineOf(voice, icon, headlineWords(message, voice))
  const lines = LINES[purpose](message, voice, headline).filter((nodes) => nodes.length > 0)
  const opening = REPEATS_TITLE.has(purpose) ? lines : [iconBefore(icon, lines[0] ?? []), ...lines.slice(1)]
  const whole = use.standsAlone === true ? [...opening, ofWhat(message, voice, purpose)] : opening
  return {
    color,
    headline,
    summary: summaryOf(headline, fieldsOf(message, voice)),
    blocks: [{ type: 'section', text: textObject(joinPhrases(whole, '\n')) }],
    facts: lines.slice(REPEATS_TITLE.has(purpose) ? 1 : 0).map((nodes) => plainText(nodes).text),
  }
}

type LinesOf = (message: IncidentMessage, voice: MessageVoice, headline: string) => readonly Phrase[]

/** These begin with the headline of system 2, which holds the title; the others with what is new. */
const REPEATS_TITLE: ReadonlySet<MessagePurpose> = new Set(['firing', 'resolved', 'fired-again'])

const LINES: Readonly<Record<MessagePurpose, LinesOf>> = {
  firing: firedLines,
  resolved: (message, voice, headline) => [[strong(headline)], fieldLine(message, voice), endOf(message, voice)],
  'fired-again': firedLines,
  flapping: ({ incident }, { words, options }) => {
    const minutes = Math.max(1, Math.round(options.flapQuietMs / 60_000))
    const quiet = minutes === 1 ? words.quietMinute : fill(words.quietMinutes, { count: String(minutes) })
    return [phrase(words.flappingNews, { times: timesWords(words, incident.flapCount), quiet })]
  },
  acknowledged: ({ incident }, voice) => [
    phrase(voice.words.acknowledgedNews, { who: nameOf(incident.acknowledgedBy, voice) }),
  ],
  'severity-raised': ({ incident, raisedFrom }, { words }) => {
    const to = words.severities[incident.severity]
    return [
      raisedFrom === null
        ? phrase(words.severityNewsAlone, { to })
        : phrase(words.severityNews, { from: words.severities[raisedFrom], to }),
    ]
  },
  escalated: ({ incident }, { words, clock }) => {
    const time = incident.status === 'active' ? clock.minute(incident.startedAt, incident.startedAt) : null
    return [time === null ? phrase(words.escalatedOther) : phrase(words.escalatedActive, { time })]
  },
  note: ({ notes }) => notes.slice(-MOST_NOTES).map(noteLine),
}

function firedLines(message: IncidentMessage, voice: MessageVoice, headline: string): readonly Phrase[] {
  const { words, clock } = voice
  const { purpose, alert, incident } = message
  const time = clock.moment(purpose === 'fired-again' ? alert.startsAt : incident.startedAt)
  const started = time === null ? [] : phrase(words.started, { time })
  return [[strong(headline)], joinPhrases([started, countsOf(incident, voice)], ' · ')]
}

function fieldLine(message: IncidentMessage, voice: MessageVoice): Phrase {
  const said = fieldsOf(message, voice).map(({ name, text }) => [say(`${name}: `), value(text)])
  return joinPhrases(said, ' · ')
}

function endOf(message: IncidentMessage, voice: MessageVoice): Phrase {
  const { words } = voice
  const times = timesOf(message, voice)
  const who = nameOf(message.incident.resolvedBy, voice)
  const why = phrase(isResolvedByItself(message) ? words.resolvedByItself : words.resolvedByPerson, { who })
  return joinPhrases([times === '' ? [] : [say(times)], why], ' | ')
}

function noteLine({ by, text }: MessageNote): Phrase {
  return [strong(by), say(': '), value(clampPlain(text, MOST_NOTE), 'many')]
}

function headlineWords(message: IncidentMessage, voice: MessageVoice): string {
  const { words } = voice
  const { purpose, incident, notes } = message
  const by = purpose === 'note' ? notes.at(-1)?.by : incident.acknowledgedBy?.name
  return fill(words.headlines[purpose], {
    title: titleOf(message, words.nameless),
    who: by !== undefined && isShown(by) ? by : words.somebody,
    severity: words.severities[incident.severity],
  })
}

function iconBefore(icon: string, nodes: Phrase): Phrase {
  return [say(`${icon} `), ...nodes]
}

function ofWhat(message: IncidentMessage, { words }: MessageVoice, purpose: MessagePurpose): Phrase {
  const name = incidentName(message.incident)
  return REPEATS_TITLE.has(purpose) ? [say(name)] : [say(`${name} · `), value(titleOf(message, words.nameless))]
}
