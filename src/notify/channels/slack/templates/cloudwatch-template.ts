import type { IncidentMessage } from '../../../channel.ts'
import { type ZonedClock, zonedClock } from '../../zoned-clock.ts'
import type { LegacyAttachment } from '../block-kit.ts'
import { clampMrkdwn } from '../clamp-text.ts'
import { escapeUnlinked } from '../escape-mrkdwn.ts'
import type { LegacyForm, MessageTemplate, RenderedMessage } from '../rendered-message.ts'
import { type AlarmFacts, alarmFactsOf } from './cloudwatch-alarm.ts'
import { CLOUDWATCH_WORDS, type CloudwatchWords } from './cloudwatch-words.ts'
import { isShown, resolvedAt } from './message-facts.ts'
import { fill } from './message-words.ts'
import type { MessageLanguage, TemplateOptions } from './template-options.ts'

const ALARM = { icon: '🚨', color: '#eb4034' } as const
const OK = { icon: '✅', color: '#2eb886' } as const

/** Slack cuts attachments of the old kind at some length that it does not tell; these are far below. */
const MOST_TITLE = 300
const MOST_VALUE = 2_000
/** Slack takes ten digits. */
const LAST_SECOND = 9_999_999_999

interface Speech {
  readonly words: CloudwatchWords
  readonly clock: ZonedClock
  readonly prefix: string
  readonly footer: string
}

/**
 * The messages of system 4: a text and an attachment of the old kind, ALARM or OK. Whatever source the incident came
 * from, its fields are read from the names that CloudWatch and its exporters use, with sensible stand-ins. News that
 * system 4 does not know are one line of text. Throws on a time zone that does not exist.
 */
export function cloudwatchTemplate(options: TemplateOptions): MessageTemplate {
  const language: MessageLanguage = options.preset === 'cloudwatch-ko' ? 'ko' : 'en'
  const words = CLOUDWATCH_WORDS[language]
  const speech: Speech = {
    words,
    clock: zonedClock(options.timeZone ?? words.timeZone),
    prefix: options.titlePrefix ?? words.titlePrefix,
    footer: options.footer ?? words.footer,
  }
  return (message, use = {}) => {
    const facts = alarmFactsOf(message, words.nameless)
    const isNews = (message.thread !== null || use.standsAlone === true) && use.isEdit !== true
    const news = isNews ? words.news[message.purpose] : null
    const rendered = news === null ? stateMessage(message, facts, speech) : newsMessage(message, facts, speech, news)
    return { ...rendered, mentions: use.isEdit === true ? [] : message.mentions }
  }
}

type Rendered = Omit<RenderedMessage, 'mentions'>

function stateMessage(message: IncidentMessage, facts: AlarmFacts, speech: Speech): Rendered {
  const { words, clock } = speech
  const isOver = message.purpose === 'resolved' || (message.thread === null && message.incident.status === 'resolved')
  const { icon, color } = isOver ? OK : ALARM
  const state = isOver ? 'OK' : 'ALARM'
  const time = isOver ? resolvedAt(message) : startOf(message)
  const text = fill(words.changed, { icon, prefix: escapeUnlinked(speech.prefix), state })
  const fields = [
    { title: words.region, value: facts.region, short: true },
    { title: words.metric, value: facts.metric, short: true },
    { title: words.threshold, value: facts.threshold, short: true },
    { title: words.time, value: clock.moment(time) ?? '-', short: true },
    { title: words.reason, value: facts.reason, short: false },
  ]
  const title = fill(words.title, { name: facts.name })
  const attachment: LegacyAttachment = {
    color,
    title: inert(title, MOST_TITLE),
    fields: fields.map((field) => ({ ...field, value: inert(field.value, MOST_VALUE) })),
    footer: inert(speech.footer, MOST_TITLE),
    ...timestampOf(message, isOver),
  }
  const headline = `${icon} [${speech.prefix}] ${state} — ${facts.name}`
  return {
    ...poorerForms(
      color,
      headline,
      fields.map((field) => `${field.title}: ${field.value}`),
    ),
    legacy: { text, attachment },
  }
}

function newsMessage(message: IncidentMessage, facts: AlarmFacts, speech: Speech, template: string): Rendered {
  const { words, prefix } = speech
  const { incident, notes, purpose } = message
  const who = purpose === 'note' ? notes.at(-1)?.by : incident.acknowledgedBy?.name
  const said = {
    prefix: escapeUnlinked(prefix),
    who: escapeUnlinked(who !== undefined && isShown(who) ? who : words.somebody),
    severity: incident.severity.toUpperCase(),
  }
  const text = fill(template, said)
  const lines = purpose === 'note' ? notes.map((note) => `${note.by}: ${note.text}`) : []
  const attachment: LegacyAttachment = {
    color: ALARM.color,
    title: inert(fill(words.title, { name: facts.name }), MOST_TITLE),
    ...(lines.length === 0
      ? {}
      : { fields: [{ title: words.note, value: inert(lines.join('\n'), MOST_VALUE), short: false }] }),
  }
  const headline = `${fill(template, { ...said, prefix, who: who ?? words.somebody }).replaceAll('*', '')} — ${facts.name}`
  const legacy: LegacyForm = { text, attachment }
  return { ...poorerForms(ALARM.color, headline, lines), legacy }
}

function poorerForms(color: string, headline: string, facts: readonly string[]): Omit<Rendered, 'legacy'> {
  return { color, headline, summary: headline, blocks: [], facts }
}

function startOf({ purpose, incident, alert }: IncidentMessage): number {
  return purpose === 'fired-again' ? alert.startsAt : incident.startedAt
}

// When Nunchi heard of it, as system 4 stamps the message when it passes it on. Not the time of rendering: a message
// that is rendered again must be the same.
function timestampOf(message: IncidentMessage, isOver: boolean): Pick<LegacyAttachment, 'ts'> {
  const { purpose, incident, alert } = message
  const heard = purpose === 'fired-again' ? alert.startsAt : incident.openedAt
  const ms = isOver ? (incident.resolvedAt ?? incident.updatedAt) : heard
  const seconds = Math.floor(ms / 1_000)
  return seconds > 0 && seconds <= LAST_SECOND ? { ts: seconds } : {}
}

function inert(text: string, most: number): string {
  return clampMrkdwn(escapeUnlinked(text, 'many'), most)
}
