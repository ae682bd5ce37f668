import type { Incident } from '../domain/incident.ts'
import { nameTermOf, termsOf, textTermsOf } from '../domain/search-terms.ts'
import { insertMany, type UpsertPlan, upsertMany } from '../store/bulk-write.ts'
import type { Tx } from '../store/database.ts'
import type { IncidentTermTable } from '../store/schema.ts'
import { selectByKeys } from '../store/select-by-keys.ts'

const TERM_COLUMNS = ['tenant_id', 'term', 'incident_id'] as const
/** A term that is there already is left as it is. */
const TERM_PLAN: UpsertPlan<'incident_term'> = {
  table: 'incident_term',
  columns: [...TERM_COLUMNS],
  key: TERM_COLUMNS,
  merge: { term: 'incoming' },
}
const WORDS_SELECT = { table: 'incident', columns: ['id', 'words'], keyColumn: 'id' } as const

/** An incident that holds so much already takes in no more names. */
const MOST_WORDS_LENGTH = 4000

/** What stands in `incident.words`: each term after a blank, so that `% term%` finds its beginning. */
export function wordsOfTerms(terms: readonly string[]): string {
  return terms.map((term) => ` ${term}`).join('')
}

/** The terms of incidents by their ids, those of their names left out. */
export type TextTerms = ReadonlyMap<string, readonly string[]>

/**
 * Indexes incidents that this transaction opens by all but their names. It needs no numbers, because everybody waits for whoever has
 * taken some: `indexNamesOfNewTx` is to follow when they are known.
 */
export async function indexTextsTx(tx: Tx, incidents: readonly Incident[]): Promise<TextTerms> {
  const terms = new Map(incidents.map((incident) => [incident.id, textTermsOf(incident)]))
  const rows = incidents.flatMap(({ id, tenantId }) => rowsOf(tenantId, id, terms.get(id) ?? []))
  await insertMany(tx, 'incident_term', TERM_COLUMNS, rows)
  return terms
}

/** Indexes incidents by the names that their numbers give them, and answers the words of each for its row. */
export async function indexNamesOfNewTx(
  tx: Tx,
  incidents: readonly Incident[],
  texts: TextTerms,
): Promise<ReadonlyMap<string, string>> {
  const words = new Map<string, string>()
  const rows: IncidentTermTable[] = []
  for (const { id, tenantId, number } of incidents) {
    const name = nameTermOf({ number })
    const terms = texts.get(id) ?? []
    words.set(id, wordsOfTerms([...new Set([name, ...terms])]))
    if (!terms.includes(name)) rows.push(...rowsOf(tenantId, id, [name]))
  }
  await insertMany(tx, 'incident_term', TERM_COLUMNS, rows)
  return words
}

function rowsOf(tenantId: string, incidentId: string, terms: readonly string[]): IncidentTermTable[] {
  return terms.map((term) => ({ tenant_id: tenantId, term, incident_id: incidentId }))
}

/** Makes incidents findable by the names of alerts that joined them. Those not indexed yet are left to upkeep. */
export async function indexNamesTx(
  tx: Tx,
  tenantId: string,
  names: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  if (names.size === 0) return
  for (const { id, words } of await selectByKeys(tx, WORDS_SELECT, tenantId, [...names.keys()].sort())) {
    if (words === null || words.length > MOST_WORDS_LENGTH) continue
    const added = termsOf([...(names.get(id) ?? [])]).filter((term) => !words.includes(` ${term}`))
    if (added.length > 0) await addTermsTx(tx, { tenantId, id, words, added })
  }
}

/** Stores further terms of an incident whose words are known. */
export async function addTermsTx(
  tx: Tx,
  {
    tenantId,
    id,
    words,
    added,
  }: {
    readonly tenantId: string
    readonly id: string
    readonly words: string
    readonly added: readonly string[]
  },
): Promise<void> {
  await upsertMany(
    tx,
    TERM_PLAN,
    added.map((term) => ({ tenant_id: tenantId, term, incident_id: id })),
  )
  await tx
    .updateTable('incident')
    .set({ words: words + wordsOfTerms(added) })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute()
}
