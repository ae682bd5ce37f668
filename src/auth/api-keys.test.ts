import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { type Actor, systemActor } from '../domain/actor.ts'
import { createNewId } from '../store/new-id.ts'
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts'
import { type AuthenticateDeps, authenticateKey } from './authenticate-key.ts'
import { hashOfToken } from './key-secret.ts'

const START = Date.parse('2026-01-05T12:00:00Z')
const admin: Actor = { ...systemActor('default'), kind: 'user', id: 'minji', name: 'Minji', via: 'cli' }
let database: TempDatabase
let now = START
const newId = createNewId()

beforeEach(async () => {
  database = await makeTempDatabase()
  now = START
})
afterEach(async () => await database.close())

const deps = () => ({ db: database.db, newId, now: () => now })
const door = (over: Partial<AuthenticateDeps> = {}): AuthenticateDeps => ({
  db: database.db,
  tenantId: 'default',
  configuredKeys: [],
  now: () => now,
  onTouchFailed: () => undefined,
  ...over,
})
const lastUsed = async (): Promise<number | null> => (await listApiKeys(database.db, admin))[0]?.lastUsedAt ?? null

test('a key lets its actor in with its scopes, and no others', async () => {
  const { text, apiKey } = await createApiKey(deps(), admin, { name: 'grafana', scopes: ['read', 'ingest', 'read'] })
  expect(await authenticateKey(door(), text)).toEqual({
    kind: 'api-key',
    id: apiKey.id,
    name: 'grafana',
    via: 'api',
    tenantId: 'default',
    scopes: ['read', 'ingest'],
  })
})

test('the secret is stored nowhere', async () => {
  const { text } = await createApiKey(deps(), admin, { name: 'a', scopes: ['read'] })
  const secret = text.split('_').slice(2).join('_')
  const rows = [
    ...(await database.db.selectFrom('api_key').selectAll().execute()),
    ...(await database.db.selectFrom('audit_entry').selectAll().execute()),
  ]
  expect(JSON.stringify(rows)).not.toContain(secret)
})

test('a right id with a wrong secret is nobody', async () => {
  const { text } = await createApiKey(deps(), admin, { name: 'a', scopes: ['read'] })
  const other = text.endsWith('A') ? 'B' : 'A'
  expect(await authenticateKey(door(), text.slice(0, -10) + other.repeat(10))).toBeNull()
})

test('a revoked key is worthless at once, and can be revoked only once', async () => {
  const { text, apiKey } = await createApiKey(deps(), admin, { name: 'a', scopes: ['read'] })
  expect(await revokeApiKey(deps(), admin, apiKey.id)).toBe(true)
  expect(await authenticateKey(door(), text)).toBeNull()
  expect(await revokeApiKey(deps(), admin, apiKey.id)).toBe(false)
})

test('a key of another tenant is nobody here', async () => {
  const { text } = await createApiKey(deps(), { ...admin, tenantId: 'other' }, { name: 'a', scopes: ['admin'] })
  expect(await authenticateKey(door(), text)).toBeNull()
})

test('its use is noted at most once a minute', async () => {
  const { text } = await createApiKey(deps(), admin, { name: 'a', scopes: ['read'] })
  await authenticateKey(door(), text)
  expect(await lastUsed()).toBe(START)
  now = START + 59_999
  await authenticateKey(door(), text)
  expect(await lastUsed()).toBe(START)
  now = START + 60_000
  await authenticateKey(door(), text)
  expect(await lastUsed()).toBe(START + 60_000)
})

test('a key of the configuration is any text, compared by its hash', async () => {
  const configuredKeys = [
    { name: 'console', secretHash: hashOfToken('a long enough text'), scopes: ['respond'] as const },
    { name: 'other', secretHash: hashOfToken('another text'), scopes: ['read'] as const },
  ]
  expect(await authenticateKey(door({ configuredKeys }), 'a long enough text')).toMatchObject({
    id: 'config:console',
    name: 'console',
    scopes: ['respond'],
  })
  expect(await authenticateKey(door({ configuredKeys }), 'a long enough')).toBeNull()
})

test('making and revoking are in the audit trail, with who did it', async () => {
  const { apiKey } = await createApiKey(deps(), admin, { name: 'a', scopes: ['read'] })
  await revokeApiKey(deps(), admin, apiKey.id)
  const trail = await database.db
    .selectFrom('audit_entry')
    .select(['action', 'subject', 'actor_id', 'actor_via'])
    .orderBy('id')
    .execute()
  expect(trail.map((row) => ({ ...row }))).toEqual([
    { action: 'api-key.create', subject: apiKey.id, actor_id: 'minji', actor_via: 'cli' },
    { action: 'api-key.revoke', subject: apiKey.id, actor_id: 'minji', actor_via: 'cli' },
  ])
})

for (const scope of ['read', 'respond', 'ingest'] as const) {
  test(`an actor with the scope ${scope} may neither make, list nor revoke keys`, async () => {
    const actor: Actor = { ...admin, scopes: [scope] }
    await expect(createApiKey(deps(), actor, { name: 'a', scopes: ['admin'] })).rejects.toThrow('no scope "admin"')
    await expect(listApiKeys(database.db, actor)).rejects.toThrow('no scope "admin"')
    await expect(revokeApiKey(deps(), actor, 'x')).rejects.toThrow('no scope "admin"')
  })
}
