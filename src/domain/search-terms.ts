import type { Labels } from './alert-event.ts'
import { type Incident, incidentName } from './incident.ts'

/** What can be found by its beginning is cut here; what is searched is cut the same. */
const LONGEST_TERM = 40
/** Of one incident when it opens. */
const MOST_TERMS = 80
const MOST_WORDS = 8
/** Chunks longer than this are not looked at to their end. */
const LONGEST_CHUNK = 300

const WORD_CHARACTER = '[\\p{L}\\p{N}\\p{M}]'
/** From the first to the last letter or digit: signs around a word do not count. */
const CORE = new RegExp(`${WORD_CHARACTER}(?:.*${WORD_CHARACTER})?`, 'su')
/** Where a part of a word begins: after a sign, at a capital (`HighErrorRate`, `HTTPError`), at a number, at every character of scripts without blanks or with endings. */
const PART = new RegExp(
  [
    `(?<!${WORD_CHARACTER})${WORD_CHARACTER}`,
    '(?<=[\\p{Ll}\\p{N}])\\p{Lu}',
    '(?<=\\p{Lu})\\p{Lu}(?=\\p{Ll})',
    '(?<=\\p{L})\\p{N}',
    '[\\p{scx=Hangul}\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}]',
  ].join('|'),
  'gu',
)

/**
 * The words of a search, each to be found at the beginning of a part of a word: NFKC, lower case, without the signs around
 * it. Words without a letter or digit are left out; null = there is nothing to search for.
 */
export function searchWords(text: string): readonly string[] | null {
  if (text.trim() === '') return null
  return chunksOf(text)
    .slice(0, MOST_WORDS)
    .map((chunk) => termOf(chunk))
}

/**
 * The terms by which a text is found. A term is a word from the beginning of one of its parts to its end, so that every
 * beginning of a part finds it: `HighErrorRate` gives `higherrorrate`, `errorrate` and `rate`; `결제서버` is found by `서버`.
 * Terms that begin a longer one are left out, because whatever finds them finds that one.
 */
export function termsOf(texts: readonly string[], most = MOST_TERMS): readonly string[] {
  const terms = new Set<string>()
  for (const text of new Set(texts)) {
    for (const chunk of chunksOf(text)) {
      for (const { index } of chunk.matchAll(PART)) {
        if (terms.size >= most) return withoutBeginnings(terms)
        terms.add(termOf(chunk.slice(index)))
      }
    }
  }
  return withoutBeginnings(terms)
}

/** The terms of an incident: its name, title and key, where it is, and the labels of the alert that opened it. */
export function termsOfIncident(incident: Incident): readonly string[] {
  return [...new Set([nameTermOf(incident), ...textTermsOf(incident)])]
}

/** The terms of an incident but for its name: those that are known before it has a number. */
export function textTermsOf(incident: Omit<Incident, 'number'>): readonly string[] {
  const { title, service, cluster, namespace, environment, correlationText, labels } = incident
  const texts = [title, nameOfLabels(labels) ?? '', service, cluster, namespace, environment, correlationText]
  return termsOf([...texts, ...Object.values(labels)])
}

/** The term by which an incident is found by its name. */
export function nameTermOf(incident: Pick<Incident, 'number'>): string {
  return incidentName(incident).toLowerCase()
}

/** The name of an alert as Prometheus and Grafana give it. */
export function nameOfLabels(labels: Labels): string | undefined {
  return labels['alertname']
}

function chunksOf(text: string): readonly string[] {
  const cut = text.length > LONGEST_CHUNK * MOST_WORDS ? text.slice(0, LONGEST_CHUNK * MOST_WORDS) : text
  return cut
    .normalize('NFKC')
    .split(/\s+/u)
    .flatMap((chunk) => CORE.exec(chunk.slice(0, LONGEST_CHUNK))?.[0] ?? [])
}

function termOf(chunk: string): string {
  const cut = chunk.slice(0, LONGEST_TERM).toLowerCase().slice(0, LONGEST_TERM)
  return cut.isWellFormed() ? cut : cut.slice(0, -1)
}

function withoutBeginnings(terms: ReadonlySet<string>): readonly string[] {
  const sorted = [...terms].sort()
  return sorted.filter((term, i) => !(sorted[i + 1]?.startsWith(term) ?? false))
}
