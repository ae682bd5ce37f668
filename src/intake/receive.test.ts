import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Delivery, LogUnavailableError } from './delivery-log/delivery-log.ts'
import { oncePerTurn, receiveDelivery } from './receive.ts'
import type { Source } from './source-registry.ts'

const source: Source = {
  tenantId: 'default',
  name: 'am-eu',
  kind: 'alertmanager',
  tokenHash: createHash('sha256').update('x').digest(),
  adapter: {} as never,
  settings: {},
}
const facts = { receivedAt: 5, requestId: 'r', contentType: 'application/json', bytesCut: 0 }

test('the answer comes after the append, and then the consumer is woken', async () => {
  const happened: string[] = []
  const appended: Delivery[] = []
  const append = async (delivery: Delivery): Promise<number> => {
    appended.push(delivery)
    await new Promise((resolve) => setTimeout(resolve, 10))
    happened.push('durable')
    return 7
  }
  const receipt = await receiveDelivery(
    { log: { append }, wake: () => happened.push('woken') },
    source,
    facts,
    Buffer.from('{}'),
  )
  happened.push('answered')
  expect(receipt).toEqual({ kind: 'stored', seq: 7 })
  expect(happened).toEqual(['durable', 'woken', 'answered'])
  expect(appended[0]).toMatchObject({
    tenantId: 'default',
    source: 'am-eu',
    sourceKind: 'alertmanager',
    receivedAt: 5,
    bytesCut: 0,
  })
})

test('a log that cannot take it is an outcome, anything else is a fault', async () => {
  const failing = (error: Error) => ({
    log: { append: () => Promise.reject(error) },
    wake: () => expect.unreachable('nothing was appended'),
  })
  const full = failing(new LogUnavailableError('database or disk is full'))
  expect(await receiveDelivery(full, source, facts, Buffer.from('{}'))).toEqual({
    kind: 'unavailable',
    reason: 'The delivery log is unavailable: database or disk is full',
  })
  await expect(receiveDelivery(failing(new TypeError('a bug')), source, facts, Buffer.from('{}'))).rejects.toThrow(
    'a bug',
  )
})

test('waking is done once for all that became durable together, and after the last of them', async () => {
  let count = 0
  const wake = oncePerTurn(() => count++)
  for (let i = 0; i < 100; i++) wake()
  expect(count).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(count).toBe(1)
  wake()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(count).toBe(2)
})
