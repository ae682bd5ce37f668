import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openTestDoor, type TestDoor } from '../../../test/support/test-door.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { createApiKey, revokeApiKey } from '../../auth/api-keys.ts'
import { systemActor } from '../../domain/actor.ts'
import { LiveClient } from './live-client.ts'
import { LiveFeed } from './live-feed.ts'

interface Heard {
  readonly id: number
  readonly event: string
  readonly data: Record<string, unknown>
}

/** A reader of the stream, as a browser's `EventSource` is one. */
class Listener {
  readonly heard: Heard[] = []
  ended = false
  readonly #abort = new AbortController()

  async open(url: string, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(url, { headers, signal: this.#abort.signal })
    if (response.status === 200) void this.#read(response)
    return response
  }

  of(event: string): readonly Heard[] {
    return this.heard.filter((each) => each.event === event)
  }

  leave(): void {
    this.#abort.abort()
  }

  async #read(response: Response): Promise<void> {
    let rest = ''
    try {
      for await (const chunk of response.body ?? []) {
        const blocks = (rest + new TextDecoder().decode(chunk)).split('\n\n')
        rest = blocks.pop() ?? ''
        this.heard.push(...blocks.flatMap(heardIn))
      }
    } catch {
      // The connection was cut: what was heard until then counts.
    }
    this.ended = true
  }
}

function heardIn(block: string): Heard[] {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
  return fields['event'] === undefined
    ? []
    : [{ id: Number(fields['id']), event: fields['event'], data: JSON.parse(fields['data'] ?? '') }]
}

let door: TestDoor
const listeners: Listener[] = []

afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.leave()
  await door.close()
})

async function listen(path = '', headers: Record<string, string> = {}): Promise<Listener> {
  const listener = new Listener()
  listeners.push(listener)
  if (!door.server.server.listening) await door.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = door.server.server.address() as AddressInfo
  const response = await listener.open(`http://127.0.0.1:${port}/api/v1/stream${path}`, headers)
  expect(response.status).toBe(200)
  await waitUntil(() => listener.heard.length > 0, { timeoutMs: 5000, why: 'the first event is heard' })
  return listener
}

const told = async (listener: Listener, count: number): Promise<readonly Heard[]> => {
  await waitUntil(() => listener.of('incident').length >= count, {
    timeoutMs: 5000,
    why: `${count} incident events are heard`,
  })
  return listener.of('incident')
}

describe('the live stream', () => {
  test('begins with a heartbeat that says where it begins, and then tells every change', async () => {
    door = await openTestDoor()
    await door.tell({ alertname: 'Before' })
    const listener = await listen()
    expect(listener.heard).toMatchObject([{ id: 1, event: 'heartbeat', data: { at: '2026-01-05T12:00:00.000Z' } }])
    await door.tell({ alertname: 'Disk', severity: 'critical' })
    expect(await told(listener, 1)).toMatchObject([
      { id: 2, data: { name: 'INC-2', title: 'Disk', version: 1, status: 'active', severity: 'critical' } },
    ])
  })

  test('tells what a person did through this door within a moment', async () => {
    door = await openTestDoor({ onCommitted: () => () => undefined })
    await door.tell({ alertname: 'Disk' })
    const listener = await listen()
    const at = performance.now()
    await door.post('/api/v1/incidents/INC-1/acknowledge')
    expect(await told(listener, 1)).toMatchObject([{ data: { status: 'acknowledged', version: 2 } }])
    expect(performance.now() - at).toBeLessThan(900)
  })

  test('finds what others committed without being woken', async () => {
    door = await openTestDoor({ onCommitted: () => () => undefined })
    const listener = await listen()
    await door.tell({ alertname: 'Disk' })
    expect(await told(listener, 1)).toHaveLength(1)
  })

  for (const [name, path, headers] of [
    ['Last-Event-ID', '', { 'last-event-id': '1' }],
    ['?lastEventId=', '?lastEventId=1', {}],
  ] as const) {
    test(`goes on where a client was (${name})`, async () => {
      door = await openTestDoor()
      await door.tell({ alertname: 'a' })
      await door.tell({ alertname: 'b' })
      await door.tell({ alertname: 'c' })
      const first = await listen()
      const back = await listen(path, headers)
      expect((await told(back, 2)).map(({ id, data }) => [id, data['title']])).toEqual([
        [2, 'b'],
        [3, 'c'],
      ])
      await door.tell({ alertname: 'd' })
      expect((await told(back, 3)).map(({ id }) => id)).toEqual([2, 3, 4])
      expect((await told(first, 1)).map(({ id }) => id)).toEqual([4])
    })
  }

  test('a reader that comes and goes through a storm misses no incident', async () => {
    door = await openTestDoor()
    await door.tell({ alertname: 'first' })
    const seen = new Set<string>()
    let lastId = '0'
    for (let round = 0; round < 8; round++) {
      const listener = await listen('', { 'last-event-id': lastId })
      for (let i = 0; i < 5; i++) await door.tell({ alertname: `r${round}-${i}` })
      // Left at any moment, in the middle of what is being told.
      await waitUntil(() => listener.of('incident').length > round % 3, {
        timeoutMs: 5000,
        why: 'some events are heard',
      })
      listener.leave()
      for (const { data } of listener.of('incident')) seen.add(String(data['title']))
      lastId = String(listener.heard.at(-1)?.id ?? lastId)
    }
    const last = await listen('', { 'last-event-id': lastId })
    await waitUntil(
      () => {
        for (const { data } of last.of('incident')) seen.add(String(data['title']))
        return seen.size === 41
      },
      { timeoutMs: 5000, why: 'every incident was heard' },
    )
  })

  const gaps: readonly [sent: string, why: string][] = [
    ['5', 'that was trimmed'],
    ['999', 'that was never given out: the database was restored'],
  ]
  for (const [sent, why] of gaps) {
    test(`asks to fetch anew after a position ${why}`, async () => {
      door = await openTestDoor()
      for (let i = 0; i < 12; i++) await door.tell({ alertname: `a${i}` })
      await door.deps.db.deleteFrom('change_feed').where('seq', '<=', 8).execute()
      const listener = await listen('', { 'last-event-id': sent })
      expect(listener.heard).toMatchObject([{ id: 12, event: 'resync' }])
      await door.tell({ alertname: 'next' })
      expect(await told(listener, 1)).toMatchObject([{ id: 13 }])
    })
  }

  test('asks to fetch anew when too much was missed', async () => {
    door = await openTestDoor()
    await door.tell({ alertname: 'first' })
    const row = { tenant_id: 'default', at: 0, kind: 'incident', subject_id: 'x', data: '{}' }
    await door.deps.db
      .insertInto('change_feed')
      .values(Array.from({ length: 1001 }, (_, i) => ({ ...row, seq: i + 2 })))
      .execute()
    await door.deps.db.updateTable('sequence').set({ value: 1002 }).where('name', '=', 'change_feed').execute()
    expect((await listen('', { 'last-event-id': '1' })).heard).toMatchObject([{ id: 1002, event: 'resync' }])
    expect((await listen('', { 'last-event-id': '2' })).heard).toMatchObject([{ id: 2, event: 'heartbeat' }])
  })

  test('ends at once when the server stops', async () => {
    door = await openTestDoor()
    const listener = await listen()
    const at = performance.now()
    await door.server.close()
    expect(performance.now() - at).toBeLessThan(1000)
    await waitUntil(() => listener.ended, { timeoutMs: 1000, why: 'the stream has ended' })
  })

  test('refuses an id that no stream gave out, and who may not read', async () => {
    door = await openTestDoor({ isOpen: false })
    const { text } = await createApiKey(door.deps, systemActor('default'), { name: 'sender', scopes: ['ingest'] })
    expect((await door.get('/api/v1/stream')).status).toBe(401)
    expect((await door.get('/api/v1/stream', { 'x-api-key': text })).status).toBe(403)
    const reader = await createApiKey(door.deps, systemActor('default'), { name: 'reader', scopes: ['read'] })
    expect((await door.get('/api/v1/stream', { 'x-api-key': reader.text, 'last-event-id': 'x' })).status).toBe(400)
  })
})

describe('the feed', () => {
  /** A response that nobody reads. */
  class Deaf {
    destroyed = false
    writableEnded = false
    writableLength = 0
    written = ''

    write(text: string): void {
      this.written += text
      this.writableLength += text.length
    }
    end(): void {
      this.writableEnded = true
    }
    destroy(): void {
      this.destroyed = true
    }
  }

  const clientOf = (response: Deaf, isStillWelcome = async () => true) =>
    new LiveClient({ response: response as never, lastEventId: null, isStillWelcome })

  test('cuts off a client that does not keep up, at a bounded cost', () => {
    const response = new Deaf()
    const client = clientOf(response)
    for (let i = 0; i < 10_000; i++) client.send([{ id: i, name: 'incident', data: { title: 'x'.repeat(500) } }])
    expect(response.destroyed).toBe(true)
    expect(response.written.length).toBeLessThan(1024 * 1024 + 1000)
  })

  test('takes only so many clients, and rests without any', async () => {
    door = await openTestDoor()
    const feed = new LiveFeed({ ...door.deps, mostClients: 2 })
    const clients = [clientOf(new Deaf()), clientOf(new Deaf())]
    for (const client of clients) feed.join(client)
    expect([feed.hasRoom, feed.clientCount]).toEqual([false, 2])
    for (const client of clients) feed.leave(client)
    expect([feed.hasRoom, feed.clientCount]).toEqual([true, 0])
    await feed.close()
    expect(feed.hasRoom).toBe(false)
  })

  test('beats, and lets go of who is not welcome any more', async () => {
    door = await openTestDoor({ isOpen: false })
    const { apiKey } = await createApiKey(door.deps, systemActor('default'), { name: 'a', scopes: ['read'] })
    const feed = new LiveFeed({ ...door.deps, heartbeatMs: 20 })
    const response = new Deaf()
    const isLive = async () =>
      (await door.deps.db.selectFrom('api_key').select('revoked_at').where('id', '=', apiKey.id).executeTakeFirst())
        ?.revoked_at === null
    feed.join(clientOf(response, isLive))
    await waitUntil(() => response.written.split('event: heartbeat').length > 3, {
      timeoutMs: 2000,
      why: 'it has beaten',
    })
    await revokeApiKey(door.deps, systemActor('default'), apiKey.id)
    await waitUntil(() => response.writableEnded, { timeoutMs: 2000, why: 'the client is let go' })
    await feed.close()
  })

  test('stays when the database is away for a moment', async () => {
    door = await openTestDoor()
    let isAway = true
    const away = (): never => {
      throw new Error('away')
    }
    const db = new Proxy(door.deps.db, {
      get: (target, key) => (isAway ? away : Reflect.get(target, key).bind(target)),
    })
    const feed = new LiveFeed({ ...door.deps, db })
    const response = new Deaf()
    feed.join(clientOf(response))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(response.written).toBe('')
    isAway = false
    await waitUntil(() => response.written.includes('heartbeat'), { timeoutMs: 3000, why: 'it beats again' })
    await feed.close()
  })
})
