import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Delivery, LogUnavailableError } from './delivery-log/delivery-log.ts'
import { oncePerTurnEach, receiveDelivery } from './receive.ts'
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
    { log: { append, partitionOf: (seq) => `p${seq}` }, wake: (partition) => happened.push(`woken ${partition}`) },
    source,
    facts,
    Buffer.from('{}'),
  )
  happened.push('answered')
  expect(receipt).toEqual({ kind: 'stored', seq: 7 })
  expect(happened).toEqual(['durable', 'woken p7', 'answered'])
  expect(appended[0]).toMatchObject({
    tenantId: 'default',
    source: 'am-eu',
    sourceKind: 'alertmanager',
    receivedAt: 5,
    bytesCut: 0,
  })
})

test('deliveries of one group of one source go together, and those of none by themselves', async () => {
  const keys: string[] = []
  const append = async (delivery: Delivery): Promise<number> => keys.push(delivery.partitionKey)
  const deps = { log: { append, partitionOf: () => 'p' }, wake: () => undefined }
  const groupOf = (bytes: Uint8Array): string | null => (bytes.length === 0 ? null : `group of ${bytes.length}`)
  const grouping = { ...source, adapter: { groupOf } as never }
  const other = { ...grouping, name: 'am-us' }
  for (const [from, text] of [
    [grouping, 'x'],
    [grouping, 'y'],
    [grouping, ''],
    [other, 'x'],
    [source, 'x'],
  ] as const)
    await receiveDelivery(deps, from, facts, Buffer.from(text))
  expect(keys).toEqual(['am-eu group of 1', 'am-eu group of 1', 'am-eu r', 'am-us group of 1', 'am-eu r'])
})

test('a log that cannot take it is an outcome, anything else is a fault', async () => {
  const failing = (error: Error) => ({
    log: { append: () => Promise.reject(error), partitionOf: () => 'p' },
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

test('waking is done once for all of a partition that became durable together, and after the last of them', async () => {
  const woken: string[] = []
  const wake = oncePerTurnEach((partition) => woken.push(partition))
  for (let i = 0; i < 100; i++) wake(`p${i % 2}`)
  expect(woken).toEqual([])
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(woken).toEqual(['p0', 'p1'])
  wake('p1')
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(woken).toEqual(['p0', 'p1', 'p1'])
})
