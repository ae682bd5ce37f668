import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { createNewId } from '../store/new-id.ts'
import { findPersonOf, type PeopleDeps, syncPeople } from './people-repository.ts'

let database: TempDatabase
let deps: PeopleDeps
const minji = { name: 'Minji', email: 'Minji@Example.com', role: 'responder' } as const
const account = { teamId: 'T1', userId: 'U1' }

beforeEach(async () => {
  database = await makeTempDatabase()
  deps = { db: database.db, newId: createNewId(), now: () => 1000 }
})
afterEach(async () => await database.close())

const find = async (email: string | null, over: Partial<typeof account> = {}) =>
  await findPersonOf(deps.db, 'default', { ...account, ...over, email }, 1000)

test('an account is a person by its e-mail, whatever its case', async () => {
  await syncPeople(deps, 'default', [minji])
  expect(await find('minji@EXAMPLE.com')).toMatchObject({ name: 'Minji', role: 'responder' })
  expect(await find('other@example.com')).toBeNull()
})

test('once linked, an account whose e-mail is hidden stays the person, in its own workspace alone', async () => {
  await syncPeople(deps, 'default', [minji])
  expect(await find(null)).toBeNull()
  await find('minji@example.com')
  expect(await find(null)).toMatchObject({ name: 'Minji' })
  expect(await find(null, { teamId: 'T2' })).toBeNull()
  expect(await findPersonOf(deps.db, 'other', { ...account, email: null }, 1000)).toBeNull()
})

test('who is named no more is nobody, linked or not, and keeps the id when named again', async () => {
  await syncPeople(deps, 'default', [minji])
  const before = await find('minji@example.com')
  await syncPeople(deps, 'default', [])
  expect([await find('minji@example.com'), await find(null)]).toEqual([null, null])
  await syncPeople(deps, 'default', [{ ...minji, role: 'viewer' }])
  expect(await find(null)).toEqual({ ...before, role: 'viewer' })
})

test('the account of a person who changed the e-mail becomes the other person', async () => {
  await syncPeople(deps, 'default', [minji, { name: 'Jisu', email: 'jisu@example.com', role: 'viewer' }])
  await find('minji@example.com')
  expect(await find('jisu@example.com')).toMatchObject({ name: 'Jisu' })
  expect(await find(null)).toMatchObject({ name: 'Jisu' })
})

test('the people of one organisation are nobody in another', async () => {
  await syncPeople(deps, 'default', [minji])
  expect(await findPersonOf(deps.db, 'other', { ...account, email: 'minji@example.com' }, 1000)).toBeNull()
})

test('nodes that start together store everybody once, and one account is linked once', {
  timeout: 60_000,
}, async () => {
  const there = { ...deps, db: database.openAnother(), newId: createNewId() }
  const all = Array.from({ length: 20 }, (_, i) => ({ ...minji, email: `p${i}@example.com` }))
  await Promise.all([syncPeople(deps, 'default', all), syncPeople(there, 'default', all.toReversed())])
  const emails = (await deps.db.selectFrom('person').select('email').execute()).map(({ email }) => email)
  expect(emails.sort()).toEqual(all.map(({ email }) => email).sort())
  const [here, other] = await Promise.all(
    [deps.db, there.db].map((db) => findPersonOf(db, 'default', { ...account, email: 'p1@example.com' }, 1000)),
  )
  expect(here).toEqual(other)
  expect(await deps.db.selectFrom('person_link').selectAll().execute()).toHaveLength(1)
})
