import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeTempDatabase } from '../../../../test/support/temp-database.ts'
import { insertMany } from '../../bulk-write.ts'
import { inTransaction } from '../../transaction.ts'
import { PreparedStatements } from './prepared-statements.ts'

test('the same long statement keeps its name, a short one has none', () => {
  const statements = new PreparedStatements()
  expect(statements.nameOf('select 1', 2)).toBeNull()
  const name = statements.nameOf('insert …', 48)
  expect(name).toMatch(/^\w+$/)
  expect(statements.nameOf('insert …', 48)).toBe(name)
  expect(statements.nameOf('insert … other', 48)).not.toBe(name)
})

test('statements that are built from data do not fill the memory of the server', () => {
  const statements = new PreparedStatements()
  const names = Array.from({ length: 1000 }, (_, i) => statements.nameOf(`insert ${i}`, 48))
  expect(names.filter((name) => name !== null).length).toBeLessThanOrEqual(300)
  expect(statements.nameOf('insert 0', 48)).toBe(names[0])
})

test('a statement that is kept prepared outlives a change of its table', async () => {
  const { db, openAnother, close } = await makeTempDatabase()
  const columns = ['tenant_id', 'name', 'value'] as const
  const write = (round: number) =>
    inTransaction(db, (tx) =>
      insertMany(
        tx,
        'sequence',
        columns,
        Array.from({ length: 16 }, (_, i) => ({ tenant_id: `t${round}`, name: `n${i}`, value: i })),
      ),
    )
  await write(1)
  await sql`alter table sequence add column note integer`.execute(openAnother())
  await write(2)
  const { rows } = await sql<{ n: number }>`select count(*) as n from sequence`.execute(db)
  expect(rows[0]?.n).toBe(32)
  await close()
})
