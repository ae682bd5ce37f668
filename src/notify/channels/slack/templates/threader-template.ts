import { firingTotal } from '../../../../domain/incident.ts'
import type { IncidentMessage, MessagePurpose } from '../../../channel.ts'
import type { Block, SectionBlock } from '../block-kit.ts'
import { bold, link, plainText, textObject, value, words } from '../message-tree.ts'
import type { MessageTemplate, RenderedMessage } from '../rendered-message.ts'
import { styleOf } from '../severity-style.ts'
import { defaultNews } from './default-news.ts'
import { contextOf, descriptionOf, environmentOf, isShown, resolvedAt, titleOf } from './message-facts.ts'
import { headlineOf, type MessageVoice, voiceOf } from './message-voice.ts'
import { DEFAULT_TEMPLATE_OPTIONS, type TemplateOptions } from './template-options.ts'

interface Field {
  readonly name: string
  readonly text: string
}

/** What system 2 tells in full. It knows no other news. */
const HEADLINE_PREFIX: Readonly<Partial<Record<MessagePurpose, string>>> = {
  firing: '',
  resolved: 'RESOLVED — ',
  'fired-again': 'FIRING AGAIN — ',
}

/**
 * The messages of system 2: header, fields, description, runbook, times, context. At most five blocks, because
 * clients fold longer attachments behind "Show more". Facts that the alert does not have are left out. English, without
 * buttons. News that system 2 does not know are told in one line. Throws on a time zone that does not exist.
 */
export function threaderTemplate(chosen: Partial<TemplateOptions> = {}): MessageTemplate {
  const voice = voiceOf({ ...DEFAULT_TEMPLATE_OPTIONS, ...chosen, language: 'en' })
  return (message, use = {}) => {
    const mentions = use.isEdit === true ? [] : message.mentions
    const prefix = HEADLINE_PREFIX[message.purpose]
    const isReply = message.thread !== null || use.standsAlone === true
    if (prefix === undefined && isReply) return { ...defaultNews(message, voice, use), mentions }
    return { ...fullMessage(message, voice, prefix ?? ''), mentions }
  }
}

function fullMessage(message: IncidentMessage, voice: MessageVoice, prefix: string): Omit<RenderedMessage, 'mentions'> {
  const purpose = prefix === '' ? 'firing' : message.purpose
  const { icon, color } = styleOf(purpose, message.incident.severity)
  const headline = headlineOf(voice, icon, `${prefix}${titleOf(message, voice.words.nameless)}`)
  const fields = fieldsOf(message)
  const gist = fields.slice(0, 3).map(({ text }) => text)
  const times = timesOf(message, voice)
  const context = contextOf(message, countsOf(message))
  const named = fields.map(({ name, text }) => textObject([bold(`${name}:`), words(' '), value(text)]))
  const lastLines = [context, voice.options.footer ?? ''].filter(isShown)
  const blocks: readonly (Block | null)[] = [
    // The icon is written as an emoji, and Slack draws it as one only where emoji are on.
    { type: 'header', text: { ...plainText([value(headline)]), emoji: true } },
    { type: 'section', fields: named },
    descriptionBlock(message, voice),
    linksAndTimes(message, times),
    { type: 'context', elements: lastLines.map((line) => plainText([value(line)])) },
  ]
  return {
    color,
    headline,
    summary: `${headline} (${gist.join(', ')})`,
    blocks: blocks.filter((block) => block !== null),
    facts: [...fields.map(({ name, text }) => `${name}: ${text}`), times, context].filter((fact) => fact !== ''),
  }
}

function fieldsOf(message: IncidentMessage): readonly Field[] {
  const { incident, alert } = message
  const optional: readonly Field[] = [
    { name: 'Service', text: incident.service },
    { name: 'Cluster', text: incident.cluster },
    { name: 'Instance', text: alert.labels['instance'] ?? '' },
  ]
  return [
    { name: 'Severity', text: incident.severity.toUpperCase() },
    { name: 'Environment', text: environmentOf(message) },
    ...optional.filter(({ text }) => isShown(text)),
  ]
}

function descriptionBlock(message: IncidentMessage, voice: MessageVoice): SectionBlock | null {
  const text = descriptionOf(message, titleOf(message, voice.words.nameless))
  return text === undefined
    ? null
    : { type: 'section', text: textObject([bold('Description:'), words('\n'), value(text, 'many')]) }
}

function linksAndTimes({ alert }: IncidentMessage, times: string): SectionBlock | null {
  const runbook = alert.links.runbook === undefined ? null : link(alert.links.runbook, 'View Runbook')
  const nodes = runbook === null ? [] : [bold('Runbook:'), words(' '), runbook, words('\n')]
  if (nodes.length === 0 && times === '') return null
  return { type: 'section', text: textObject([...nodes, words(times)]) }
}

function timesOf(message: IncidentMessage, { clock }: MessageVoice): string {
  const { purpose, incident, alert } = message
  const started = clock.moment(purpose === 'fired-again' ? alert.startsAt : incident.startedAt)
  const resolved = purpose === 'resolved' ? clock.moment(resolvedAt(message)) : null
  return [started && `Started: ${started}`, resolved && `Resolved: ${resolved}`]
    .filter((part) => part !== null)
    .join(' | ')
}

function countsOf({ incident }: IncidentMessage): readonly string[] {
  if (incident.alertCount <= 1) return []
  const firing = firingTotal(incident.firing)
  return [firing > 0 ? `alerts=${incident.alertCount} (${firing} firing)` : `alerts=${incident.alertCount}`]
}
