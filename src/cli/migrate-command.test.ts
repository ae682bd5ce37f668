import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandsIn } from '../../test/support/run-command.ts'
import { addNode } from '../cluster/node-repository.ts'
import { databaseLocation, openDatabase } from '../store/database.ts'
import { MIGRATIONS } from '../store/migrate.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nunchi-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const run = commandsIn(() => folder)

describe('migrate', () => {
  test('a preview changes nothing, a run applies, a second run has nothing to do', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'migrate') }
    expect((await run(['migrate', '--preview'], env)).out).toMatch(/no database yet.*would be applied/)
    expect((await run(['migrate'], env)).out).toMatch(/^Applied:\n {2}\d{8}-\d{4}-/)
    expect((await run(['migrate'], env)).out).toBe('The schema is up to date: nothing to do.')
    expect((await run(['migrate', '--preview'], env)).out).toBe('The schema is up to date: nothing to do.')
  })

  test('an upgrade can stop after a step, and says what is left', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'migrate-to') }
    const stepwise = ['migrate', '--to', '20261121-0800']
    expect((await run([...stepwise, '--preview'], env)).out).toMatch(/would be applied:\n {2}20261121-0800-\S+$/)
    const { out } = await run(stepwise, env)
    expect(out).toMatch(/^Applied:\n {2}20261121-0800-create-core-tables\n\d+ more of this version are left/)
    expect((await run([...stepwise, '--preview'], env)).out).toMatch(
      /nothing to do\.\n\d+ more of this version are left/,
    )
    await run(['migrate'], env)
    const back = await run(stepwise, env)
    expect([back.code, back.aside]).toEqual([
      1,
      expect.stringMatching(/already beyond.*\n→ Steps are never taken back/),
    ])
    const unknown = await run(['migrate', '--to', 'tomorrow'], env)
    expect([unknown.code, unknown.aside]).toEqual([
      1,
      expect.stringMatching(/^There is no step tomorrow\.\n→ Name one of:/),
    ])
  })

  test('beside a node that would misread a step nothing is changed, and that node is named', async () => {
    const env = { NUNCHI_DATA_DIR: join(folder, 'migrate-neighbours') }
    await run(['migrate'], env)
    const db = openDatabase(databaseLocation(`sqlite:${join(env.NUNCHI_DATA_DIR, 'nunchi.db')}`))
    const step = '20261125-1600-add-digests-and-budgets'
    await sql`delete from schema_step where name = ${step}`.execute(db)
    const steps = MIGRATIONS.map(({ name }) => name).filter((name) => name !== step)
    const address = 'http://old:9009'
    await addNode(db, { id: 'old', name: 'old-host', address, version: '0.0.9', pid: 1, machine: 'm', steps })
    const { code, aside } = await run(['migrate'], env)
    expect((await sql`select name from schema_step where name = ${step}`.execute(db)).rows).toEqual([])
    await db.destroy()
    expect(code).toBe(1)
    expect(aside).toMatch(
      /would misread.*add-digests-and-budgets.*old-host \(version 0\.0\.9, http:\/\/old:9009\)\.\n→ Stop/,
    )
  })

  test('a database server that is not there is told with what to do', async () => {
    const url = 'mysql://nunchi:canary@127.0.0.1:1/nunchi'
    for (const args of [
      ['check-config', '--connect'],
      ['migrate'],
      ['migrate', '--preview'],
      ['create-api-key', '--name', 'x', '--scopes', 'read'],
    ]) {
      const { code, aside } = await run(args, { DATABASE_URL: url, NUNCHI_DATA_DIR: join(folder, 'none') })
      expect(code).toBe(1)
      expect(aside).toMatch(/^Nothing answers at 127\.0\.0\.1:1, where the database should be\.\n→ Start the database/)
      expect(aside).not.toContain('canary')
    }
  })

  test('a file that is no database is told in a sentence', async () => {
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'This is a text and certainly no database of anybody. '.repeat(50))
    const { code, aside } = await run(['migrate'], { DATABASE_URL: `sqlite:${file}` })
    expect(code).toBe(1)
    expect(aside).toMatch(/is no database of Nunchi\.\n→ /)
  })

  test('a data folder that is a file is told in a sentence', async () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { code, aside } = await run(['migrate'], { NUNCHI_DATA_DIR: file })
    expect(code).toBe(1)
    expect(aside).toMatch(/is not a folder\.\n→ /)
  })
})
