import type { AlertLinks } from '../../../domain/alert-event.ts'
import { firingTotal, incidentName } from '../../../domain/incident.ts'
import type { Severity } from '../../../domain/severity.ts'
import type { IncidentMessage } from '../../channel.ts'
import { printableText } from '../printable-text.ts'
import type { ZonedClock } from '../zoned-clock.ts'
import { MAIL_WORDS, type MailLanguage, type MailWords } from './mail-words.ts'

/** How a mail is written. */
export interface MailStyle {
  readonly language: MailLanguage
  readonly clock: ZonedClock
  readonly subjectPrefix: string
}

/** What a mail says, before it becomes text or HTML. Printable, not yet escaped. */
export interface MailContent {
  readonly language: MailLanguage
  readonly subject: string
  readonly headline: string
  readonly title: string
  readonly isGoodNews: boolean
  readonly severity: Severity
  readonly facts: readonly { readonly name: string; readonly text: string }[]
  /** Paragraphs, each of one or more lines. */
  readonly paragraphs: readonly string[]
  readonly links: readonly MailLink[]
  readonly footer: string
}

/** `host` is shown beside the label, because who wrote the link is not to be trusted with where it leads. */
export interface MailLink {
  readonly label: string
  readonly url: string
  readonly host: string
}

const MOST_SUBJECT = 160
const MOST_FACT = 400
const MOST_PARAGRAPH = 4_000
const LINK_ORDER = [
  'runbook',
  'dashboard',
  'panel',
  'generator',
  'silence',
  'image',
] as const satisfies readonly (keyof AlertLinks)[]

/** Puts a mail into words. Facts that the incident does not have are left out. Pure. */
export function mailContent(message: IncidentMessage, style: MailStyle): MailContent {
  const { incident, purpose } = message
  const words = MAIL_WORDS[style.language]
  const title = titleOf(message)
  return {
    language: style.language,
    subject: subjectOf(message, title, style.subjectPrefix),
    headline: `${words.news[purpose]}: ${incidentName(incident)}`,
    title,
    isGoodNews: purpose === 'resolved',
    severity: incident.severity,
    facts: factsOf(message, words, style.clock),
    paragraphs: paragraphsOf(message, words, style.clock),
    links: linksOf(message, words),
    footer: words.footer(printableText(message.environment)),
  }
}

/**
 * The same through the life of an incident, because some readers (Gmail) tie mails together only then: hence the
 * highest severity it had, and the news in the mail. What a rise changes begins a new conversation there.
 */
function subjectOf({ incident, thread }: IncidentMessage, title: string, prefix: string): string {
  const subject = `[${incident.peakSeverity.toUpperCase()}] ${incidentName(incident)} ${title}`
  return clamp([thread === null ? '' : 'Re:', prefix, subject].filter((part) => part !== '').join(' '), MOST_SUBJECT)
}

function titleOf({ incident, alert }: IncidentMessage): string {
  const titles = [incident.title, alert.title, alert.labels['alertname'] ?? ''].map((text) => printableText(text))
  return clamp(titles.find((text) => text !== '') ?? '-', MOST_FACT)
}

function factsOf(message: IncidentMessage, words: MailWords, clock: ZonedClock): MailContent['facts'] {
  const { incident, alert, raisedFrom } = message
  const severity = words.severities[incident.severity]
  const time = (ms: number | null): string => clock.moment(ms) ?? ''
  const done = (ms: number | null, by: { readonly name: string } | null): string =>
    by === null || ms === null ? time(ms) : words.by(time(ms), by.name)
  const facts: readonly (readonly [name: string, text: string])[] = [
    [words.severity, raisedFrom === null ? severity : words.raised(words.severities[raisedFrom], severity)],
    [words.service, incident.service],
    [words.cluster, incident.cluster],
    [words.namespace, incident.namespace],
    [words.instance, incident.alertCount > 1 ? '' : (alert.labels['instance'] ?? '')],
    [words.environment, incident.environment],
    [words.alerts, incident.alertCount > 1 ? words.firingOf(firingTotal(incident.firing), incident.alertCount) : ''],
    ...message.differing.map(({ name, values, more }) => [name, listOf(values, more, words)] as const),
    [words.owner, incident.owner?.name ?? ''],
    [words.started, time(message.purpose === 'fired-again' ? alert.startsAt : incident.startedAt)],
    [words.acknowledged, done(incident.acknowledgedAt, incident.acknowledgedBy)],
    [words.resolved, incident.status === 'resolved' ? done(incident.resolvedAt, incident.resolvedBy) : ''],
  ]
  return facts
    .map(([name, text]) => ({
      name: clamp(printableText(name), MOST_FACT),
      text: clamp(printableText(text), MOST_FACT),
    }))
    .filter(({ text }) => text !== '')
}

function listOf(values: readonly string[], more: number, words: MailWords): string {
  const shown = values.map((value) => clamp(printableText(value), 60)).join(', ')
  return more > 0 ? `${shown} ${words.andMore(more)}` : shown
}

function paragraphsOf(message: IncidentMessage, words: MailWords, clock: ZonedClock): readonly string[] {
  const { purpose, incident, alert, notes } = message
  const { description = '', message: said = '', summary = '' } = alert.annotations
  const about = [description, said, summary === incident.title ? '' : summary].find((text) => text.trim() !== '') ?? ''
  const written = notes.map(({ by, text, at }) => `${words.by(clock.moment(at) ?? '', printableText(by))}:\n${text}`)
  return [purpose === 'flapping' ? words.flapped(incident.flapCount) : '', ...written, purpose === 'note' ? '' : about]
    .map((text) => clamp(printableText(text, 'many'), MOST_PARAGRAPH))
    .filter((text) => text !== '')
}

function linksOf({ alert, consoleUrl }: IncidentMessage, words: MailWords): readonly MailLink[] {
  const wanted = [
    [words.links.page, consoleUrl ?? undefined] as const,
    ...LINK_ORDER.map((kind) => [words.links[kind], alert.links[kind]] as const),
  ]
  return wanted.flatMap(([label, text]) => {
    const url = text === undefined ? null : URL.parse(text)
    const isShown = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
    return isShown ? [{ label, url: url.href, host: url.host }] : []
  })
}

function clamp(text: string, most: number): string {
  const characters = [...text]
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}
