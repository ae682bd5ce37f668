import { SEVERITIES, type Severity, severityRank } from './severity.ts'

/** The severities that a choice means, least first, or why it means none: `error`, `>=error`, or a list of both. */
export type SeverityChoice =
  | { readonly ok: true; readonly severities: readonly Severity[] }
  | { readonly ok: false; readonly word: string }

/** Reads a choice of severities. `ok: false` names the word that is no severity. */
export function readSeverityChoice(choice: string | readonly string[]): SeverityChoice {
  const chosen = new Set<Severity>()
  for (const text of typeof choice === 'string' ? [choice] : choice) {
    const [, isUpward, word = ''] = /^\s*(>=)?\s*(\S*)\s*$/.exec(text) ?? []
    if (!isSeverity(word)) return { ok: false, word: text }
    const from = severityRank(word)
    for (const severity of isUpward === undefined ? [word] : SEVERITIES.slice(from)) chosen.add(severity)
  }
  return { ok: true, severities: SEVERITIES.filter((severity) => chosen.has(severity)) }
}

function isSeverity(word: string): word is Severity {
  return (SEVERITIES as readonly string[]).includes(word)
}
