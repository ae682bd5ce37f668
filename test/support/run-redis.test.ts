import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startRedis } from './run-redis.ts'

describeNeeding('redis-server')('a private Redis', () => {
  test('answers, and keeps what it answered when it is killed', async () => {
    await using redis = await startRedis({ durable: true })
    const client = new Redis(redis.url)
    client.on('error', () => undefined)
    await client.set('kept', '7')
    await redis.kill9()
    await redis.restart()
    expect(await client.get('kept')).toBe('7')
    client.disconnect()
  }, 30_000)
})
