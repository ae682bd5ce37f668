import { afterEach, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { createApiKey } from '../auth/api-keys.ts'
import { hashOfToken } from '../auth/key-secret.ts'
import { type Scope, systemActor } from '../domain/actor.ts'
import { INCIDENT_ACTIONS } from '../domain/incident-actions.ts'

let door: TestDoor

afterEach(async () => await door.close())

async function keyFor(...scopes: Scope[]): Promise<{ readonly authorization: string }> {
  const { text } = await createApiKey(door.deps, systemActor('default'), { name: `key-${scopes.join('-')}`, scopes })
  return { authorization: `Bearer ${text}` }
}

const typeOf = ({ body }: { body: Record<string, unknown> }): unknown => String(body['type']).split(':').at(-1)

describe('an open door', () => {
  test('lets programs of this machine do everything', async () => {
    door = await openTestDoor()
    expect((await door.get('/api/v1/incidents')).status).toBe(200)
    expect((await door.post('/api/v1/api-keys', { name: 'a', scopes: ['read'] })).status).toBe(201)
  })

  test('does not answer under a name that is not of this machine', async () => {
    door = await openTestDoor()
    const reply = await door.get('/api/v1/incidents', { host: 'evil.example:9009' })
    expect([reply.status, typeOf(reply)]).toEqual([403, 'host-not-allowed'])
  })

  test('takes no commands from pages of other sites', async () => {
    door = await openTestDoor()
    const reply = await door.post(
      '/api/v1/api-keys',
      { name: 'a', scopes: ['admin'] },
      { host: 'localhost:9009', origin: 'http://evil.example' },
    )
    expect([reply.status, typeOf(reply)]).toEqual([403, 'cross-origin'])
    expect(
      (
        await door.post(
          '/api/v1/api-keys',
          { name: 'a', scopes: ['admin'] },
          { host: 'localhost:9009', origin: 'http://localhost:9009' },
        )
      ).status,
    ).toBe(201)
  })

  test('still refuses a key that is wrong: whoever sends one means it', async () => {
    door = await openTestDoor()
    const reply = await door.get('/api/v1/incidents', { authorization: 'Bearer nonsense' })
    expect([reply.status, typeOf(reply)]).toEqual([401, 'not-authenticated'])
  })

  for (const headers of [{ authorization: 'Bearer' }, { authorization: 'Bearer ' }, { 'x-api-key': ' ' }] as Record<
    string,
    string
  >[]) {
    test(`takes empty credentials for none, as API pages send them (${JSON.stringify(headers)})`, async () => {
      door = await openTestDoor()
      expect((await door.get('/api/v1/incidents', headers)).status).toBe(200)
      expect((await door.get('/api/v1/incidents', { ...headers, host: 'evil.example' })).status).toBe(403)
    })
  }

  test('with a right key answers under any name: no page can know the key', async () => {
    door = await openTestDoor()
    expect((await door.get('/api/v1/incidents', { ...(await keyFor('read')), host: 'nunchi.example' })).status).toBe(
      200,
    )
  })
})

describe('a closed door', () => {
  test('says how to come in', async () => {
    door = await openTestDoor({ isOpen: false })
    const { statusCode, headers, body } = await door.server.inject({
      url: '/api/v1/incidents',
      headers: { host: 'localhost' },
    })
    expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Bearer realm="nunchi"'])
    expect(body).toContain('X-Api-Key')
  })

  const presented: readonly [headers: Record<string, string>, status: number, why: string][] = [
    [{ authorization: 'Bearer a configured key' }, 401, 'a bearer token has no blanks'],
    [{ authorization: 'Bearer configured-key' }, 200, 'bearer'],
    [{ authorization: 'bearer   configured-key  ' }, 200, 'schemes have no case'],
    [{ 'x-api-key': 'configured-key' }, 200, 'a header of its own'],
    [{ authorization: 'Basic Y29uZmlndXJlZC1rZXk=' }, 401, 'another scheme'],
    [{ authorization: 'configured-key' }, 401, 'no scheme'],
    [{ authorization: '' }, 401, 'nothing'],
    [{ 'x-api-key': '' }, 401, 'nothing either'],
  ]
  for (const [headers, status, why] of presented) {
    test(`${JSON.stringify(headers)} → ${status} (${why})`, async () => {
      door = await openTestDoor({
        isOpen: false,
        configuredKeys: [{ name: 'console', secretHash: hashOfToken('configured-key'), scopes: ['read'] }],
      })
      expect((await door.get('/api/v1/incidents', headers)).status).toBe(status)
    })
  }

  test('gives each scope its own and no more', async () => {
    door = await openTestDoor({ isOpen: false })
    await door.tell({ alertname: 'Disk' })
    const may = async (headers: Record<string, string>) => {
      const statuses = [
        await door.get('/api/v1/incidents', headers),
        await door.get('/api/v1/incidents/counts', headers),
        await door.get('/api/v1/incidents/INC-1', headers),
        await door.get('/api/v1/alerts', headers),
        await door.get('/api/v1/sources', headers),
        await door.get('/api/v1/notifications/would-be', headers),
        await door.get('/api/v1/channels', headers),
        await door.post('/api/v1/routes/explain', { severity: 'critical' }, headers),
        await door.post('/api/v1/incidents/INC-1/note', { text: 'x' }, headers),
        await door.get('/api/v1/jobs', headers),
        await door.get('/api/v1/api-keys', headers),
        await door.post('/api/v1/jobs/x/retry', undefined, headers),
      ]
      return statuses.map(({ status }) => status).join(' ')
    }
    expect(await may(await keyFor('ingest'))).toBe('403 403 403 403 403 403 403 403 403 403 403 403')
    expect(await may(await keyFor('read'))).toBe('200 200 200 200 200 200 200 200 403 403 403 403')
    expect(await may(await keyFor('respond'))).toBe('200 200 200 200 200 200 200 200 200 403 403 403')
    expect(await may(await keyFor('admin'))).toBe('200 200 200 200 200 200 200 200 200 200 200 404')
  })

  test('offers in `actions` only what the scope allows', async () => {
    door = await openTestDoor({ isOpen: false })
    await door.tell({ alertname: 'Disk' })
    const { body } = await door.get<{ actions: { allowed: boolean; refusal: string }[] }>(
      '/api/v1/incidents/INC-1',
      await keyFor('read'),
    )
    expect(body.actions.map(({ allowed, refusal }) => [allowed, refusal])).toEqual(
      INCIDENT_ACTIONS.map(() => [false, 'scope-missing']),
    )
  })

  test('lets a key be made, used, listed without its secret, and revoked', async () => {
    door = await openTestDoor({ isOpen: false })
    const admin = await keyFor('admin')
    const made = await door.post<{ id: string; key: string }>(
      '/api/v1/api-keys',
      { name: ' ci ', scopes: ['read'] },
      admin,
    )
    const own = { 'x-api-key': made.body.key }
    expect((await door.get('/api/v1/incidents', own)).status).toBe(200)
    const { body } = await door.get<{ items: { name: string }[] }>('/api/v1/api-keys', admin)
    expect(body.items[0]).toMatchObject({
      name: 'ci',
      scopes: ['read'],
      lastUsedAt: '2026-01-05T12:00:00.000Z',
      revokedAt: null,
    })
    expect(JSON.stringify(body)).not.toContain(made.body.key.slice(-20))
    const revoke = async () =>
      (await door.server.inject({ method: 'DELETE', url: `/api/v1/api-keys/${made.body.id}`, headers: admin }))
        .statusCode
    expect([await revoke(), await revoke()]).toEqual([204, 404])
    expect((await door.get('/api/v1/incidents', own)).status).toBe(401)
  })
})
