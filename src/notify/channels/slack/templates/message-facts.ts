import type { IncidentMessage } from '../../../channel.ts'

type Told = Pick<IncidentMessage, 'incident' | 'alert' | 'environment'>

/** Whether there is anything to read in a text. */
export function isShown(text: string): boolean {
  return text.trim() !== ''
}

/** What the incident is called: by itself, by its alert, or `nameless`. */
export function titleOf({ incident, alert }: Told, nameless: string): string {
  return [incident.title, alert.title, alert.labels['alertname'] ?? ''].find(isShown) ?? nameless
}

/** The incident's own environment, else that of the installation; `-` when neither is known. */
export function environmentOf({ incident, environment }: Told): string {
  return [incident.environment, environment].find(isShown) ?? '-'
}

/** What the sender calls its rule; empty when it does not say. */
export function alertnameOf({ incident, alert }: Told): string {
  return alert.labels['alertname'] ?? incident.labels['alertname'] ?? ''
}

/** What the alert says about itself. Grafana's senders write `message`; a summary that is the title again is not worth repeating. */
export function descriptionOf({ alert }: Told, title: string): string | undefined {
  const { description = '', message = '', summary = '' } = alert.annotations
  return [description, message, summary === title ? '' : summary].find(isShown)
}

/** When it ended. With one alert its own end is the truth; with several, only the incident knows when the last one ended. */
export function resolvedAt({ incident, alert }: Told): number | null {
  const isSingle = incident.alertCount <= 1
  const isEnded = alert.endsAt !== null && alert.endsAt >= incident.startedAt
  return isSingle && isEnded ? alert.endsAt : incident.resolvedAt
}

/** What stands in the last line of every message, so that a search finds it. */
export function contextOf(message: Told, more: readonly string[] = []): string {
  const alertname = alertnameOf(message)
  return [`env=${message.environment}`, isShown(alertname) ? `alertname=${alertname}` : '', ...more]
    .filter((part) => part !== '')
    .join(' | ')
}
