import type { SeenIncident } from './incident-desk.ts'
import type { InteractionTexts } from './interaction-texts.ts'

/** What an incident is, in one line of plain text below its title. */
export function factsOf(incident: SeenIncident, texts: InteractionTexts, now: number): string {
  const { severity, status, service, owner, firing, total, openedAt } = incident
  return [
    texts.severity[severity],
    texts.status[status],
    ...(service === '' ? [] : [service]),
    texts.owner(owner?.name ?? texts.nobody),
    ...(total === 0 ? [] : [texts.firing(firing, total)]),
    ...(status === 'resolved' ? [] : [texts.openSince(texts.lasted(now - Date.parse(openedAt)))]),
    ...silenceWords(incident, texts, now),
  ].join(' · ')
}

function silenceWords({ silence }: SeenIncident, texts: InteractionTexts, now: number): readonly string[] {
  if (silence === null) return []
  return [texts.silencedFor(silence.until === null ? null : texts.lasted(Date.parse(silence.until) - now))]
}

/** Why something was not done, for the person who wanted it. */
export function refusalWords(
  answer: { readonly refusal: string; readonly incident?: SeenIncident; readonly other?: { name: string } | null },
  texts: InteractionTexts,
  context: { readonly asked: string; readonly personId: string; readonly now: number },
): string {
  const { refusal, incident, other } = answer
  if (incident === undefined) return texts.notFound(context.asked)
  if (refusal === 'another-is-open') return texts.anotherIsOpen(other?.name ?? incident.name)
  const done = doneBy(incident)
  if (done === null) {
    if (refusal === 'already-there') return texts.alreadySo(incident.name)
    return texts.notFromHere(incident.name, texts.status[incident.status])
  }
  const lasted = texts.lasted(context.now - Date.parse(done.at))
  return done.by.id === context.personId
    ? texts.alreadyYou(done.what, lasted)
    : texts.already(done.what, done.by.name, lasted)
}

/** The row itself remembers who took or resolved it, whatever else happened since. */
function doneBy({ status, acknowledgedBy, acknowledgedAt, resolvedBy, resolvedAt }: SeenIncident) {
  if (status === 'resolved' && resolvedBy !== null && resolvedAt !== null)
    return { what: 'resolved' as const, by: resolvedBy, at: resolvedAt }
  if (status === 'acknowledged' && acknowledgedBy !== null && acknowledgedAt !== null)
    return { what: 'acknowledged' as const, by: acknowledgedBy, at: acknowledgedAt }
  return null
}
