/** What senders write when an alert is over, in lower case. Zabbix's recovery is event value 0. */
const RESOLVED_WORDS: ReadonlySet<string> = new Set([
  'ok',
  'resolved',
  'resolve',
  'recovered',
  'recovery',
  'closed',
  'close',
  'clear',
  'cleared',
  'up',
  'normal',
  'inactive',
  'ended',
  'success',
  'healthy',
  '0',
  'false',
])

export interface StatusWords {
  readonly resolvedValues?: readonly string[] | undefined
  readonly firingValues?: readonly string[] | undefined
}

/**
 * Firing or resolved. An unknown word fires, because an alert too many is better than one too few; where
 * `firingValues` are configured it is null instead, and so a problem that people see.
 */
export function readStatusWord(text: string, words: StatusWords): 'firing' | 'resolved' | null {
  const word = text.trim().toLowerCase()
  if (word === '') return 'firing'
  const isResolved = words.resolvedValues
    ? words.resolvedValues.some((value) => value.toLowerCase() === word)
    : RESOLVED_WORDS.has(word)
  if (isResolved) return 'resolved'
  if (!words.firingValues) return 'firing'
  return words.firingValues.some((value) => value.toLowerCase() === word) ? 'firing' : null
}

const LIFECYCLE =
  '(?:re-?)?(?:triggered|recovered|resolved|firing|alerting|alert|ok|problem|open|opened|closed|warn|warning|critical|no data)'
const IN_BRACKETS = /^\s*\[[^\]]*\]/
const WORD_IN_BRACKETS = new RegExp(`\\b${LIFECYCLE}\\b(?::\\d+)?`, 'gi')
const PREFIX = new RegExp(`^\\s*${LIFECYCLE}\\s*(?::|-(?=\\s))\\s*`, 'i')

/**
 * A title without the state that many senders put in front of it: `[Triggered on host-1] Disk full` and
 * `[Recovered on host-1] Disk full`, `Critical: Disk full` and `Resolved: Disk full` are one alert each.
 */
export function titleWithoutState(title: string): string {
  return title.replace(IN_BRACKETS, (bracket) => bracket.replace(WORD_IN_BRACKETS, '')).replace(PREFIX, '')
}
