import { incidentName } from '../../../../domain/incident.ts'
import type { IncidentMessage } from '../../../channel.ts'
import type { Block, SectionBlock } from '../block-kit.ts'
import { clampPlain } from '../clamp-text.ts'
import { incidentBlockId } from '../incident-actions.ts'
import { plainText, words as say, strong, type TextNode, textObject, timeAgo, value } from '../message-tree.ts'
import type { RenderedMessage, RenderUse } from '../rendered-message.ts'
import { styleOf } from '../severity-style.ts'
import { openButtons, reopenButton } from './incident-buttons.ts'
import { linkLine, linkTo } from './incident-links.ts'
import { nameOf, statusLines } from './incident-status.ts'
import { contextOf, descriptionOf, environmentOf, isShown, resolvedAt, titleOf } from './message-facts.ts'
import { headlineOf, type MessageVoice } from './message-voice.ts'
import { durationWords, fill } from './message-words.ts'
import { joinPhrases, phrase } from './phrase.ts'

type Root = Omit<RenderedMessage, 'mentions'>

interface Field {
  readonly name: string
  readonly text: string
}

/** Longer ones would push everything below behind "Show more". */
const MOST_DESCRIPTION = 1_500

/**
 * The incident as it is now, whatever the message is sent for. Open: header, state and fields, description, links and
 * start, buttons, context; the last is what clients fold behind "Show more". Resolved: two lines and a button.
 */
export function defaultRoot(message: IncidentMessage, voice: MessageVoice, use: RenderUse): Root {
  return message.incident.status === 'resolved' ? resolvedRoot(message, voice, use) : openRoot(message, voice, use)
}

/** The fields of system 2, those that are known. What differs between the alerts has no field: it would name one of many. */
export function fieldsOf(message: IncidentMessage, { words }: MessageVoice): readonly Field[] {
  const { incident, alert, differing } = message
  const instance = differing.some(({ name }) => name === 'instance') ? '' : (alert.labels['instance'] ?? '')
  const optional: readonly Field[] = [
    { name: words.fields.service, text: incident.service },
    { name: words.fields.cluster, text: incident.cluster },
    { name: words.fields.namespace, text: incident.namespace },
    { name: words.fields.instance, text: instance },
  ]
  return [
    { name: words.fields.severity, text: words.severities[incident.severity] },
    { name: words.fields.environment, text: environmentOf(message) },
    ...optional.filter(({ text }) => isShown(text)),
  ]
}

/** One line for notifications: the headline and what tells incidents apart. */
export function summaryOf(headline: string, fields: readonly Field[]): string {
  return `${headline} (${fields
    .slice(0, 3)
    .map(({ text }) => text)
    .join(', ')})`
}

/** When it began, when it ended, and how long that took; what no calendar has is left out. */
export function timesOf(message: IncidentMessage, { words, clock }: MessageVoice): string {
  const { startedAt } = message.incident
  const ended = resolvedAt(message)
  const times: readonly (readonly [template: string, time: string | null])[] = [
    [words.started, clock.moment(startedAt)],
    [words.resolvedAt, clock.moment(ended)],
  ]
  const said = times.flatMap(([template, time]) => (time === null ? [] : [fill(template, { time })]))
  const isWhole = said.length === times.length && ended !== null
  return [
    ...said,
    ...(isWhole ? [fill(words.duration, { duration: durationWords(words, ended - startedAt) })] : []),
  ].join(' | ')
}

/** Whether Nunchi resolved it, because every alert cleared. */
export function isResolvedByItself({ incident }: IncidentMessage): boolean {
  return incident.resolvedBy === null || incident.resolvedBy.id === 'nunchi'
}

/** Fields as they stand in a section. */
export function namedField({ name, text }: Field): readonly TextNode[] {
  return [...phrase('*{name}:*', { name }), say(' '), value(text)]
}

function openRoot(message: IncidentMessage, voice: MessageVoice, use: RenderUse): Root {
  const { words } = voice
  const { icon, color } = styleOf('firing', message.incident.severity)
  const headline = headlineOf(voice, icon, titleOf(message, words.nameless))
  const fields = fieldsOf(message, voice)
  const lines = statusLines(message, voice)
  const context = [contextOf(message), voice.options.footer ?? ''].filter(isShown)
  const blocks: readonly (Block | null)[] = [
    // The icon is written as an emoji, and Slack draws it as one only where emoji are on.
    { type: 'header', text: { ...plainText([value(headline)]), emoji: true } },
    {
      type: 'section',
      text: textObject(joinPhrases(lines, '\n')),
      fields: fields.map((field) => textObject(namedField(field))),
    },
    descriptionBlock(message, voice),
    linksBlock(message, voice),
    voice.options.hasButtons && use.standsAlone !== true ? openButtons(message, words) : null,
    { type: 'context', elements: context.map((line) => plainText([value(line)])) },
  ]
  return {
    color,
    headline,
    summary: summaryOf(headline, fields),
    blocks: blocks.filter((block) => block !== null),
    facts: [
      ...lines.map((nodes) => plainText(nodes).text),
      ...fields.map(({ name, text }) => `${name}: ${text}`),
      startedWords(message, voice),
      ...context,
    ].filter(isShown),
  }
}

function resolvedRoot(message: IncidentMessage, voice: MessageVoice, use: RenderUse): Root {
  const { words, options } = voice
  const { incident } = message
  const { icon, color } = styleOf('resolved', incident.severity)
  const headline = headlineOf(voice, icon, fill(words.headlines.resolved, { title: titleOf(message, words.nameless) }))
  const why = phrase(isResolvedByItself(message) ? words.byItself : words.byPerson, {
    name: incidentName(incident),
    who: nameOf(incident.resolvedBy, voice),
  })
  const times = timesOf(message, voice)
  const console = linkTo(message.consoleUrl, words.console)
  const second = joinPhrases([times === '' ? [] : [say(times)], console === null ? [] : [console]], ' | ')
  const section: SectionBlock = {
    type: 'section',
    text: textObject(joinPhrases([[strong(headline), say(' · '), ...why], second], '\n')),
    ...(options.hasButtons && use.standsAlone !== true ? withReopen(message, voice) : {}),
  }
  return {
    color,
    headline,
    summary: summaryOf(headline, fieldsOf(message, voice)),
    blocks: [section],
    facts: [plainText(why).text, times].filter(isShown),
  }
}

function withReopen(
  { incident }: IncidentMessage,
  { words }: MessageVoice,
): Pick<SectionBlock, 'block_id' | 'accessory'> {
  return { block_id: incidentBlockId(incident.id), accessory: reopenButton(incident, words) }
}

function descriptionBlock(message: IncidentMessage, { words }: MessageVoice): SectionBlock | null {
  const text = descriptionOf(message, titleOf(message, words.nameless))
  if (text === undefined) return null
  return {
    type: 'section',
    text: textObject([...phrase(words.description), say('\n'), value(clampPlain(text, MOST_DESCRIPTION), 'many')]),
  }
}

function linksBlock(message: IncidentMessage, voice: MessageVoice): SectionBlock | null {
  const { words, clock } = voice
  const { startedAt } = message.incident
  const time = clock.moment(startedAt)
  const started = time === null ? [] : phrase(words.started, { time: timeAgo(startedAt, time) })
  const nodes = joinPhrases([linkLine(message, voice), started], '\n')
  return nodes.length === 0 ? null : { type: 'section', text: textObject(nodes) }
}

function startedWords({ incident }: IncidentMessage, { words, clock }: MessageVoice): string {
  const time = clock.moment(incident.startedAt)
  return time === null ? '' : fill(words.started, { time })
}
