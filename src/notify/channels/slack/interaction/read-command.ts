/** What `/nunchi` can be told to do. */
export type CommandVerb = 'list' | 'show' | 'ack' | 'resolve' | 'note' | 'declare' | 'who' | 'silence' | 'help'

/** A command as it was meant. */
export interface ReadCommand {
  readonly verb: CommandVerb
  /** `INC-12`, where one was named. */
  readonly incident: string | null
  /** What follows. */
  readonly rest: string
}

const VERBS: Readonly<Record<string, CommandVerb>> = {
  list: 'list',
  ls: 'list',
  목록: 'list',
  show: 'show',
  보기: 'show',
  ack: 'ack',
  acknowledge: 'ack',
  확인: 'ack',
  resolve: 'resolve',
  해결: 'resolve',
  note: 'note',
  메모: 'note',
  declare: 'declare',
  열기: 'declare',
  who: 'who',
  담당자: 'who',
  silence: 'silence',
  무음: 'silence',
  help: 'help',
  도움말: 'help',
}

/** Verbs whose next word names an incident. */
const NAMES_INCIDENT: ReadonlySet<CommandVerb> = new Set(['show', 'ack', 'resolve', 'note', 'who', 'silence'])

/** Reads the text behind `/nunchi`. What it does not know is a wish for help; nothing at all lists the open incidents. */
export function readCommand(text: string): ReadCommand {
  const [first = '', ...others] = text.trim().split(/\s+/)
  const word = first.toLowerCase().normalize('NFC')
  const rest = text.trim().slice(first.length).trim()
  if (word === '') return { verb: 'list', incident: null, rest: '' }
  const verb = Object.hasOwn(VERBS, word) ? (VERBS[word] as CommandVerb) : 'help'
  if (!NAMES_INCIDENT.has(verb)) return { verb, incident: null, rest: verb === 'help' ? '' : rest }
  const incident = incidentName(others[0] ?? '')
  if (incident === null) return { verb, incident: null, rest }
  return { verb, incident, rest: rest.slice((others[0] as string).length).trim() }
}

/** `INC-12`, `inc-12` and `12` name the same incident. */
export function incidentName(word: string): string | null {
  const match = /^(?:INC-)?(\d{1,15})$/i.exec(word.trim())
  return match ? `INC-${Number(match[1])}` : null
}
