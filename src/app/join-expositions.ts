interface Family {
  /** The HELP and TYPE lines. */
  readonly head: string[]
  readonly lineBySeries: Map<string, string>
}

/**
 * Joins metrics of several threads, in the Prometheus text format, into one document: each family once, with the
 * samples of all. Of a series that two threads have, the first stays; label them apart to see both.
 */
export function joinExpositions(texts: readonly string[]): string {
  const families = new Map<string, Family>()
  for (const text of texts) addExposition(families, text)
  const parts = [...families.values()].map(({ head, lineBySeries }) => [...head, ...lineBySeries.values()].join('\n'))
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`
}

function addExposition(families: Map<string, Family>, text: string): void {
  let current = ''
  /** Families that an earlier text described already. */
  const known = new Set(families.keys())
  for (const line of text.split('\n')) {
    if (line === '') continue
    const described = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1]
    if (described !== undefined) current = described
    else if (line.startsWith('#')) continue
    const name = described ?? (isOfFamily(line, current) ? current : seriesName(line))
    const family: Family = families.get(name) ?? { head: [], lineBySeries: new Map() }
    families.set(name, family)
    if (described !== undefined) {
      if (!known.has(name)) family.head.push(line)
    } else if (!family.lineBySeries.has(seriesOf(line))) family.lineBySeries.set(seriesOf(line), line)
  }
}

function seriesName(line: string): string {
  return /^[^{ ]*/.exec(line)?.[0] ?? ''
}

/** A histogram's samples carry the name of the family and an ending. */
function isOfFamily(line: string, family: string): boolean {
  const name = seriesName(line)
  return family !== '' && (name === family || ['_bucket', '_sum', '_count'].some((ending) => name === family + ending))
}

/** Name and labels; label values may hold blanks and braces, the value behind them neither. */
function seriesOf(line: string): string {
  const labelsEnd = line.lastIndexOf('}')
  return labelsEnd < 0 ? seriesName(line) : line.slice(0, labelsEnd + 1)
}
