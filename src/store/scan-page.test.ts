import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { type Position, type ScanPage, scanPage } from './scan-page.ts'
import type { ChangeFeedTable } from './tables/job-tables.ts'

const ROWS = 100
let database: TempDatabase

beforeAll(async () => {
  database = await makeTempDatabase()
  for (let seq = 1; seq <= ROWS; seq++) {
    // Ten rows share each instant, so that paging must go by both columns.
    await database.db
      .insertInto('change_feed')
      .values({
        tenant_id: 't',
        seq,
        at: Math.ceil(seq / 10),
        kind: seq === 90 ? 'rare' : 'plain',
        subject_id: 's',
        data: '{}',
      })
      .execute()
  }
})
afterAll(async () => await database.close())

async function walk(
  direction: 'asc' | 'desc',
  limit: number,
  filter: string | null,
  budget = 20_000,
): Promise<{ seqs: number[]; pages: number }> {
  const seqs: number[] = []
  let after: Position | null = null
  for (let pages = 1; ; pages++) {
    const page: ScanPage<ChangeFeedTable> = await scanPage(database.db, {
      table: 'change_feed',
      tenantId: 't',
      orderBy: ['at', 'seq'],
      direction,
      stretches: [{ where: [], after }],
      filters: filter === null ? [] : [sql`kind = ${filter}`],
      limit,
      budget,
    })
    seqs.push(...page.rows.map(({ seq }) => seq))
    if (page.next === null) return { seqs, pages }
    after = page.next.position
    if (pages > 2 * ROWS) throw new Error('the list never ends')
  }
}

const ascending = Array.from({ length: ROWS }, (_, i) => i + 1)

test('pages of any size give every row once and in order, in both directions', async () => {
  for (const limit of [1, 3, 10, 99, 100, 101]) {
    expect((await walk('asc', limit, null)).seqs).toEqual(ascending)
    expect((await walk('desc', limit, null)).seqs).toEqual(ascending.toReversed())
  }
})

test('a rare match is found, however small the budget of a page', async () => {
  for (const budget of [1, 7, 50, 100]) expect((await walk('asc', 5, 'rare', budget)).seqs).toEqual([90])
})

test('a page looks at no more rows than its budget', async () => {
  expect((await walk('asc', 5, 'rare', 10)).pages).toBe(10)
  expect((await walk('desc', 5, 'nothing', 25)).pages).toBe(4)
})

test('with a filter, too, every match is given once', async () => {
  const plain = ascending.filter((seq) => seq !== 90)
  for (const [limit, budget] of [
    [3, 4],
    [10, 3],
    [50, 30],
    [200, 1000],
  ] as const)
    expect((await walk('asc', limit, 'plain', budget)).seqs).toEqual(plain)
})
