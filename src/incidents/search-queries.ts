import { searchWords } from '../domain/search-terms.ts'
import type { Db } from '../store/database.ts'
import { numberOfName } from './load-incident.ts'

/** How a list finds what a text asks for. */
export type SearchPlan =
  /** Among these incidents, and each must also have all of `words`. */
  | { readonly kind: 'among'; readonly ids: readonly string[]; readonly words: readonly string[] }
  /** Nearly everything has these words: walking the list and testing each row finds a page soon. */
  | { readonly kind: 'walk'; readonly words: readonly string[] }

/** A word that more incidents have than this is not worth looking up. */
const MOST_CANDIDATES = 1000
/** Sorts behind every character of a term. */
const LAST = '\u{10FFFF}'

/**
 * Finds which incidents can be meant by a text, with bounded work for each word: by the name of one (`INC-12`), else by
 * the words that few have. Null when the text asks for nothing.
 */
export async function planSearch(db: Db, tenantId: string, text: string | undefined): Promise<SearchPlan | null> {
  const number = numberOfName(text ?? '')
  if (number !== null) return { kind: 'among', ids: await idsOfNumber(db, tenantId, number), words: [] }
  const words = searchWords(text ?? '')
  if (words === null) return null
  let candidates: ReadonlySet<string> | null = words.length === 0 ? new Set() : null
  const common: string[] = []
  for (const word of new Set(words)) {
    const ids = await idsWithTerm(db, tenantId, word)
    if (ids.length > MOST_CANDIDATES) common.push(word)
    else candidates = candidates?.intersection(new Set(ids)) ?? new Set(ids)
    if (candidates?.size === 0) return { kind: 'among', ids: [], words: [] }
  }
  return candidates === null ? { kind: 'walk', words: common } : { kind: 'among', ids: [...candidates], words: common }
}

async function idsOfNumber(db: Db, tenantId: string, number: number): Promise<readonly string[]> {
  const row = await db
    .selectFrom('incident')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('number', '=', number)
    .executeTakeFirst()
  return row ? [row.id] : []
}

/** More than `MOST_CANDIDATES` when there are more, and then not all. */
async function idsWithTerm(db: Db, tenantId: string, word: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('incident_term')
    .select('incident_id')
    .where('tenant_id', '=', tenantId)
    .where('term', '>=', word)
    .where('term', '<', word + LAST)
    .limit(MOST_CANDIDATES + 1)
    .execute()
  return rows.map(({ incident_id }) => incident_id)
}
