import type { Actor } from '../domain/actor.ts'
import type { IncidentAction, Refusal } from '../domain/incident-actions.ts'
import type { IncidentView } from '../incidents/incident-view.ts'
import type { LastChange } from '../incidents/last-change.ts'

export interface ConflictFacts {
  readonly action: IncidentAction
  readonly refusal: Refusal
  readonly incident: IncidentView
  readonly lastChange: LastChange | null
  readonly other: { readonly name: string } | null
}

const VERBS: Readonly<Record<string, string>> = {
  opened: 'opened it',
  acknowledged: 'acknowledged',
  unacknowledged: 'gave it back',
  resolved: 'resolved',
  reopened: 'reopened',
  assigned: 'assigned it',
  'severity-raised': 'raised its severity',
  'severity-lowered': 'lowered its severity',
  'severity-set': 'set its severity',
  silenced: 'silenced it',
  unsilenced: 'ended its silence',
  moved: 'moved it',
  declared: 'declared it',
  'marked-noise': 'marked it as noise',
}

/** Why a command was refused, in one or two sentences for the person who sent it: "Minji acknowledged 3s before you." */
export function conflictWords(facts: ConflictFacts, actor: Actor, now: number): string {
  const { action, refusal, incident, other } = facts
  const last = facts.lastChange === null ? '' : ` ${whoDidIt(facts.lastChange, actor, now)}`
  switch (refusal) {
    case 'already-there':
      return alreadyThere(facts, actor, now)
    case 'version-changed':
      return `${incident.name} has changed since you looked at it.${last} Look again and decide on version ${incident.version}.`
    case 'another-is-open':
      return `${other?.name ?? 'Another incident'} is open for the same alerts: work on that one, or resolve it first.`
    default:
      return `${incident.name} is ${incident.status}, and from there "${action}" is not possible.${last}`
  }
}

const ALREADY: Readonly<Partial<Record<IncidentAction, (incident: IncidentView) => string>>> = {
  assign: ({ name, owner }) =>
    owner === null ? `${name} has no owner already.` : `${owner.name} owns ${name} already.`,
  silence: ({ name, silence }) => `${name} is silenced already, ${silenceWords(silence)}.`,
  unsilence: ({ name }) => `${name} is not silenced.`,
  'set-severity': ({ name, severity }) => `Somebody set ${name} to ${severity} already.`,
  move: ({ name, movedTo }) =>
    `${name} is told ${movedTo === null ? 'where the rules send it' : `in ${movedTo}`} already.`,
}

function silenceWords(silence: IncidentView['silence']): string {
  const until = silence?.until ?? null
  return until === null ? 'until it is resolved' : `until ${until}`
}

/** The row itself remembers who took or resolved it, whatever else happened since. */
function alreadyThere({ action, incident }: ConflictFacts, actor: Actor, now: number): string {
  const words = ALREADY[action]?.(incident)
  if (words !== undefined) return words
  const { acknowledgedBy, acknowledgedAt, resolvedBy, resolvedAt } = incident
  if (incident.status === 'resolved' && resolvedBy && resolvedAt)
    return whoDidIt({ kind: 'resolved', at: resolvedAt, by: resolvedBy }, actor, now)
  if (incident.status === 'acknowledged' && acknowledgedBy && acknowledgedAt)
    return whoDidIt({ kind: 'acknowledged', at: acknowledgedAt, by: acknowledgedBy }, actor, now)
  return `${incident.name} is ${incident.status} already.`
}

function whoDidIt({ kind, at, by }: Pick<LastChange, 'kind' | 'at' | 'by'>, actor: Actor, now: number): string {
  const isYou = by.id === actor.id && actor.kind !== 'anonymous'
  const verb = VERBS[kind] ?? 'changed it'
  const ago = agoWords(now - Date.parse(at))
  return isYou ? `You ${verb} ${ago} ago.` : `${by.name} ${verb} ${ago} before you.`
}

function agoWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`
  return `${Math.floor(seconds / 86_400)}d`
}
