import { firingTotal } from '../../../domain/incident.ts'
import { DEFAULT_LIFECYCLE } from '../../../domain/incident-lifecycle.ts'
import type { IncidentMessage, MessagePurpose } from '../../channel.ts'
import type { Block, SectionBlock } from './block-kit.ts'
import { bold, link, plainText, textObject, value, words } from './message-tree.ts'
import type { MessageTemplate, RenderedMessage } from './rendered-message.ts'
import { styleOf } from './severity-style.ts'

export interface ThreaderOptions {
  /** How long a flapping incident must be quiet before it is told as resolved; named in the flapping reply. */
  readonly flapQuietMs: number
}

interface Field {
  readonly name: string
  readonly text: string
}

const HEADLINE_PREFIX: Readonly<Record<MessagePurpose, string>> = {
  firing: '',
  resolved: 'RESOLVED — ',
  'fired-again': 'FIRING AGAIN — ',
  flapping: 'Flapping — ',
  acknowledged: 'ACKNOWLEDGED — ',
  'severity-raised': 'SEVERITY RAISED — ',
  escalated: 'ESCALATED — ',
  note: 'Note — ',
}

/**
 * The messages of system 2: header, fields, description, runbook, times, context. At most five blocks, because
 * clients fold longer attachments behind "Show more". Facts that the alert does not have are left out.
 */
export function threaderTemplate(
  { flapQuietMs }: ThreaderOptions = { flapQuietMs: DEFAULT_LIFECYCLE.flapHoldOffMs },
): MessageTemplate {
  return (message) => {
    const { icon, color } = styleOf(message.purpose, message.incident.severity)
    const headline = `${icon} ${HEADLINE_PREFIX[message.purpose]}${titleOf(message)}`
    const fields = fieldsOf(message)
    const gist = fields.slice(0, 3).map(({ text }) => text)
    const common = { color, headline, summary: `${headline} (${gist.join(', ')})` }
    if (message.purpose === 'flapping') return { ...common, ...flappingBody(message, headline, flapQuietMs) }
    return { ...common, ...fullBody(message, headline, fields) }
  }
}

type Body = Pick<RenderedMessage, 'blocks' | 'facts'>

function fullBody(message: IncidentMessage, headline: string, fields: readonly Field[]): Body {
  const times = timesOf(message)
  const context = contextOf(message)
  const named = fields.map(({ name, text }) => textObject([bold(`${name}:`), words(' '), value(text)]))
  const blocks: readonly (Block | null)[] = [
    // The icon is written as an emoji, and Slack draws it as one only where emoji are on.
    { type: 'header', text: { ...plainText([value(headline)]), emoji: true } },
    { type: 'section', fields: named },
    descriptionOf(message),
    linksAndTimes(message, times),
    { type: 'context', elements: [plainText([value(context)])] },
  ]
  return {
    blocks: blocks.filter((block) => block !== null),
    facts: [...fields.map(({ name, text }) => `${name}: ${text}`), times, context].filter((fact) => fact !== ''),
  }
}

function flappingBody({ incident }: IncidentMessage, headline: string, quietMs: number): Body {
  const minutes = Math.max(1, Math.round(quietMs / 60_000))
  const quiet = minutes === 1 ? '1 quiet minute' : `${minutes} quiet minutes`
  const count = incident.flapCount === 1 ? 'once' : `${incident.flapCount} times`
  const news = `It cleared and fired again ${count}. It is told as resolved only after ${quiet}.`
  return { blocks: [{ type: 'section', text: textObject([value(headline), words(`\n${news}`)]) }], facts: [news] }
}

function titleOf({ incident, alert }: IncidentMessage): string {
  return [incident.title, alert.title, alert.labels['alertname'] ?? ''].find(isShown) ?? 'Alert without a name'
}

function fieldsOf({ incident, alert, environment }: IncidentMessage): readonly Field[] {
  const optional: readonly Field[] = [
    { name: 'Service', text: incident.service },
    { name: 'Cluster', text: incident.cluster },
    { name: 'Instance', text: alert.labels['instance'] ?? '' },
  ]
  return [
    { name: 'Severity', text: incident.severity.toUpperCase() },
    { name: 'Environment', text: [incident.environment, environment].find(isShown) ?? '-' },
    ...optional.filter(({ text }) => isShown(text)),
  ]
}

// Grafana's senders write `message`; a summary is worth repeating only where it is not the title.
function descriptionOf(message: IncidentMessage): SectionBlock | null {
  const { description = '', message: note = '', summary = '' } = message.alert.annotations
  const text = [description, note, summary === titleOf(message) ? '' : summary].find(isShown)
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

function timesOf(message: IncidentMessage): string {
  const { purpose, incident, alert } = message
  const started = utcTime(purpose === 'fired-again' ? alert.startsAt : incident.startedAt)
  const resolved = purpose === 'resolved' ? utcTime(resolvedAt(message)) : null
  return [started && `Started: ${started}`, resolved && `Resolved: ${resolved}`]
    .filter((part) => part !== null)
    .join(' | ')
}

// With one alert its own end is the truth. With several, only the incident knows when the last one ended.
function resolvedAt({ incident, alert }: IncidentMessage): number | null {
  const isSingle = incident.alertCount <= 1
  const isEnded = alert.endsAt !== null && alert.endsAt >= incident.startedAt
  return isSingle && isEnded ? alert.endsAt : incident.resolvedAt
}

function contextOf({ incident, alert, environment }: IncidentMessage): string {
  const alertname = alert.labels['alertname'] ?? incident.labels['alertname'] ?? ''
  const firing = firingTotal(incident.firing)
  const counts = firing > 0 ? `${incident.alertCount} (${firing} firing)` : String(incident.alertCount)
  return [
    `env=${environment}`,
    isShown(alertname) ? `alertname=${alertname}` : '',
    incident.alertCount > 1 ? `alerts=${counts}` : '',
  ]
    .filter((part) => part !== '')
    .join(' | ')
}

function isShown(text: string): boolean {
  return text.trim() !== ''
}

/** `2024-01-15 14:30:25 UTC`, or null for a time that no calendar has. */
function utcTime(ms: number | null): string | null {
  if (ms === null || Number.isNaN(new Date(ms).getTime())) return null
  const [date, time] = new Date(ms).toISOString().split('T')
  return `${date} ${time?.slice(0, 8)} UTC`
}
