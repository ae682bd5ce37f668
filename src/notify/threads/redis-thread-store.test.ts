import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeThreadStore } from '../../../test/conformance/thread-store.ts'
import { type RedisServer, startRedis } from '../../../test/support/run-redis.ts'
import { TcpProxy } from '../../../test/support/tcp-proxy.ts'
import { makeTempDatabase, type TempDatabase } from '../../../test/support/temp-database.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { createDatabaseThreadStore } from './database-thread-store.ts'
import { openRedisThreadStore, type RedisThreadStore } from './redis-thread-store.ts'

const KEY = 'TestAlert|critical|database|production|production'

let server: RedisServer
let client: Redis
let database: TempDatabase
const stores: RedisThreadStore[] = []

beforeAll(async () => {
  server = await startRedis({ durable: true })
})
afterAll(() => server.stop())
beforeEach(async () => {
  database = await makeTempDatabase()
  client = new Redis(server.url)
  await client.flushall()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  client.disconnect()
  await database.close()
})

const warnings: string[] = []
const logger = { info: () => undefined, warn: (_: unknown, text: string) => void warnings.push(text) } as never

async function open(url = `${server.url}/0`): Promise<RedisThreadStore> {
  const deps = { database: createDatabaseThreadStore({ db: database.db, tenantId: 'default', now: Date.now }), logger }
  const store = await openRedisThreadStore({ url, keyPrefix: 'threader:ts' }, deps)
  stores.push(store)
  return store
}

describeThreadStore('redis', async () => ({ store: await open(), restart: () => open() }))

test('a thread stands in Redis under the key of system 2', async () => {
  const store = await open()
  await store.put(KEY, '1234567890.123456')
  expect(await client.get(`threader:ts:${KEY}`)).toBe('1234567890.123456')
})

test('a thread that system 2 left in Redis is found, listed and counted', async () => {
  await client.set(`threader:ts:${KEY}`, '1700000000.000100')
  await client.set('somebody:else', 'x')
  const store = await open()
  expect(await store.get(KEY)).toBe('1700000000.000100')
  expect(await store.list(10)).toEqual([{ threadKey: KEY, ts: '1700000000.000100' }])
  expect(await store.count()).toBe(1)
})

test('the database is the truth: it wins over an old value, and Redis is put right', async () => {
  const store = await open()
  await store.put(KEY, '1700000000.000200')
  await store.close()
  await client.set(`threader:ts:${KEY}`, '1700000000.000100')
  const again = await open()
  expect(await again.get(KEY)).toBe('1700000000.000200')
  await waitUntil(async () => (await client.get(`threader:ts:${KEY}`)) === '1700000000.000200', {
    why: 'Redis is put right',
  })
})

test('the number of the database in the address is honoured', async () => {
  const store = await open(`${server.url}/3`)
  await store.put(KEY, '1.2')
  await client.select(3)
  expect(await client.get(`threader:ts:${KEY}`)).toBe('1.2')
})

test('its statistics are those of INFO', async () => {
  const store = await open()
  const facts = await store.redis?.()
  expect(facts).toMatchObject({
    connectedClients: expect.any(Number),
    usedMemory: expect.stringMatching(/^[\d.]+[KMG]$/),
  })
  expect(facts?.connectedClients).toBeGreaterThanOrEqual(2)
})

describe('a Redis that is away', () => {
  let proxy: TcpProxy

  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port)
  })
  afterEach(() => proxy.close())

  const throughProxy = (): Promise<RedisThreadStore> => open(`redis://127.0.0.1:${proxy.port}/0`)

  test('keeps nobody waiting: threads are kept and found, and it catches up when it is back', async () => {
    const store = await throughProxy()
    await store.put('before', '1.1')
    proxy.mode = 'drop'
    await waitUntil(async () => (await store.redis?.()) === null, { why: 'Redis is missed' })
    await store.put('meanwhile', '2.2')
    expect(await store.get('before')).toBe('1.1')
    expect(await store.get('meanwhile')).toBe('2.2')
    expect(await store.get('unknown')).toBeNull()
    expect(await store.count()).toBe(2)
    expect(warnings.join()).toContain('Redis is away')
    proxy.mode = 'forward'
    await waitUntil(async () => (await client.get('threader:ts:meanwhile')) === '2.2', {
      timeoutMs: 10_000,
      why: 'Redis catches up',
    })
  })

  test('does not hold up the start', async () => {
    proxy.mode = 'drop'
    const store = await throughProxy()
    await store.put('early', '1.1')
    expect(await store.get('early')).toBe('1.1')
    proxy.mode = 'forward'
    await waitUntil(async () => (await client.get('threader:ts:early')) === '1.1', {
      timeoutMs: 10_000,
      why: 'Redis catches up',
    })
  })

  test('that answers nothing is given up after a moment', async () => {
    const store = await throughProxy()
    proxy.mode = 'half-open'
    const before = performance.now()
    await store.put('held', '1.1')
    expect(await store.get('held')).toBe('1.1')
    expect(await store.get('unknown')).toBeNull()
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  test('is insisted on when everything is to be forgotten: otherwise nothing is', async () => {
    const store = await throughProxy()
    await store.put('kept', '1.1')
    proxy.mode = 'drop'
    await waitUntil(async () => (await store.redis?.()) === null, { why: 'Redis is missed' })
    await expect(store.clear()).rejects.toThrow(/no thread was forgotten/)
    expect(await store.get('kept')).toBe('1.1')
  })
})
