import { firingTotal, type Incident, incidentName, UNTIL_RESOLVED } from '../../../../domain/incident.ts'
import type { DifferingLabel, IncidentMessage } from '../../../channel.ts'
import { clampPlain } from '../clamp-text.ts'
import { words as say, type TextNode, value } from '../message-tree.ts'
import { isShown } from './message-facts.ts'
import type { MessageVoice } from './message-voice.ts'
import { timesWords } from './message-words.ts'
import { joinPhrases, phrase } from './phrase.ts'
import { stableCount } from './stable-count.ts'

type Phrase = readonly TextNode[]

const MOST_DIFFERING_LABELS = 3
const MOST_DIFFERING_VALUES = 3
const MOST_VALUE_LENGTH = 60

/**
 * What is with an open incident now, in one to five short lines: its name, who has it and how much fires; who is next;
 * whether it is silenced, flapping or about to end; and in what its alerts differ. Nothing in it changes with time
 * alone but the end of a silence.
 */
export function statusLines(message: IncidentMessage, voice: MessageVoice): readonly Phrase[] {
  const { incident } = message
  const lines = [
    joinPhrases([stateOf(incident, voice), countsOf(incident, voice)], ' · '),
    joinPhrases(remarksOf(message, voice), ' · '),
    ...message.differing.slice(0, MOST_DIFFERING_LABELS).map((label) => differenceOf(label, voice)),
  ]
  return lines.filter((nodes) => nodes.length > 0)
}

/** How many alerts fire, of how many; nothing where a single alert fires, because that is what an incident is. */
export function countsOf({ firing, alertCount }: Incident, { words }: MessageVoice): Phrase {
  const now = firingTotal(firing)
  if (now === 0 || alertCount <= 1) return []
  const total = stableCount(alertCount)
  return now >= alertCount
    ? phrase(words.firingAll, { total })
    : phrase(words.firingSome, { firing: stableCount(now), total })
}

/** Whether nobody is disturbed by it at the time of the message. */
export function isSilenced({ incident, now }: Pick<IncidentMessage, 'incident' | 'now'>): boolean {
  return incident.silencedUntil !== null && incident.silencedUntil > now
}

/** A person's name as a value, or `somebody`. */
export function nameOf(party: Incident['owner'], { words }: MessageVoice): TextNode {
  const name = party?.name ?? ''
  return isShown(name) ? value(name) : say(words.somebody)
}

function stateOf(incident: Incident, voice: MessageVoice): Phrase {
  const { words, clock } = voice
  const name = incidentName(incident)
  const at = (ms: number | null) => clock.minute(ms, incident.startedAt) ?? '-'
  if (incident.status === 'acknowledged')
    return phrase(words.acknowledged, {
      name,
      who: nameOf(incident.acknowledgedBy, voice),
      time: at(incident.acknowledgedAt),
    })
  return phrase(words.active, { name, time: at(incident.startedAt) })
}

function remarksOf(message: IncidentMessage, voice: MessageVoice): readonly Phrase[] {
  const { words } = voice
  const { incident } = message
  const remarks: readonly (readonly [holds: boolean, said: () => Phrase])[] = [
    [true, () => nextOf(message, voice)],
    [isSilenced(message), () => silenceOf(incident, voice)],
    [incident.isFlapping, () => phrase(words.flaps, { times: timesWords(words, incident.flapCount) })],
    [incident.isSeverityPinned, () => phrase(words.pinned)],
    [incident.reopenCount > 0, () => phrase(words.reopened, { times: timesWords(words, incident.reopenCount) })],
    [incident.isNoise, () => phrase(words.noise)],
  ]
  return remarks.filter(([holds]) => holds).map(([, said]) => said())
}

/** Who or what acts next. */
function nextOf(message: IncidentMessage, voice: MessageVoice): Phrase {
  const { words, clock } = voice
  const { incident } = message
  const clears = clock.minute(incident.clearsAt, incident.startedAt)
  if (clears !== null) return phrase(words.clears, { time: clears })
  // Without alerts a person declared it, and nothing was ever there to clear.
  if (incident.alertCount > 0 && firingTotal(incident.firing) === 0) return phrase(words.clear)
  const { owner, acknowledgedBy } = incident
  if (incident.status === 'acknowledged')
    return owner === null || owner.id === acknowledgedBy?.id ? [] : phrase(words.owner, { who: nameOf(owner, voice) })
  if (owner !== null) return phrase(words.assigned, { who: nameOf(owner, voice) })
  return isSilenced(message) ? [] : phrase(words.nobody)
}

function silenceOf({ silencedUntil, startedAt }: Incident, { words, clock }: MessageVoice): Phrase {
  const until = silencedUntil === UNTIL_RESOLVED ? null : clock.minute(silencedUntil, startedAt)
  return until === null ? phrase(words.silencedOpen) : phrase(words.silenced, { time: until })
}

function differenceOf({ name, values, more }: DifferingLabel, { words }: MessageVoice): Phrase {
  const shown = values.slice(0, MOST_DIFFERING_VALUES)
  const others = more + values.length - shown.length
  const listed = shown.map((one) => [value(clip(one))])
  const rest = others > 0 ? [say(' '), ...phrase(words.andMore, { count: stableCount(others) })] : []
  return [value(clip(name)), say(': '), ...joinPhrases(listed, ', '), ...rest]
}

function clip(text: string): string {
  return clampPlain(text, MOST_VALUE_LENGTH)
}
