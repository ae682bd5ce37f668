import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { type RedisServer, startRedis } from '../support/run-redis.ts'
import { waitUntil } from '../support/wait-until.ts'

let redis: RedisServer
let slack: FakeSlack
let nunchi: RunningNunchi

beforeEach(async () => {
  redis = await startRedis({ durable: true })
  slack = await startFakeSlack({ limits: 'off' })
  nunchi = await startNunchiWithSlack(slack, { env: { THREAD_STORE: 'redis', REDIS_URL: `${redis.url}/0` } })
})

afterEach(async () => {
  await nunchi.stop()
  await slack.close()
  await redis.stop()
})

interface AlertReply {
  readonly thread_store: string
  readonly results: readonly { readonly key: string; readonly thread_ts: string | null }[]
}

async function sendAlert(alertname: string): Promise<AlertReply> {
  const labels = { alertname, severity: 'critical', service: 'database', cluster: 'production' }
  const body = makeWebhookBody([makeAlert({ labels, startsAt: new Date() })])
  return (await nunchi.post<AlertReply>('/alert', body)).body
}

async function redisStatus(): Promise<unknown> {
  return (await nunchi.api<{ readonly redis_status?: string }>('/health')).body.redis_status
}

test('threads stand in Redis as system 2 keeps them, and a Redis that dies holds up no alert', async () => {
  const first = await sendAlert('TestAlert')
  const [told] = first.results
  expect(first.thread_store).toBe('redis')
  expect(told?.key).toBe('TestAlert|critical|database|production|production')
  expect(told?.thread_ts).toMatch(/^\d+\.\d+$/)
  const client = new Redis(redis.url)
  expect(await client.get(`threader:ts:${told?.key}`)).toBe(told?.thread_ts)
  client.disconnect()
  expect(await redisStatus()).toBe('connected')
  const { body: stats } = await nunchi.api('/stats')
  expect(stats).toMatchObject({
    cached_threads: 1,
    thread_store: 'redis',
    redis: {
      connected_clients: expect.any(Number),
      used_memory_human: expect.any(String),
      keyspace_hits: expect.any(Number),
      keyspace_misses: expect.any(Number),
    },
  })

  await redis.kill9()
  await waitUntil(async () => (await redisStatus()) === 'disconnected', { why: 'the loss of Redis is told' })
  const second = await sendAlert('WhileAway')
  expect(second.results[0]?.thread_ts).toMatch(/^\d+\.\d+$/)
  // The thread is written down beside the answer.
  await expect
    .poll(async () => (await nunchi.api('/stats')).body, { timeout: 10_000 })
    .toMatchObject({
      cached_threads: 2,
      redis: null,
    })

  await redis.restart()
  await waitUntil(async () => (await redisStatus()) === 'connected', { timeoutMs: 15_000, why: 'Redis is found again' })
  const again = new Redis(redis.url)
  const key = `threader:ts:${second.results[0]?.key}`
  await waitUntil(async () => (await again.get(key)) === second.results[0]?.thread_ts, {
    timeoutMs: 10_000,
    why: 'Redis gets what it missed',
  })
  again.disconnect()
})
