import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  deliveryOf,
  describeDeliveryLog,
  describePartitions,
  readAll,
} from '../../../../test/conformance/delivery-log.ts'
import { makeTempDatabase, type TempDatabase } from '../../../../test/support/temp-database.ts'
import type { Db } from '../../../store/database.ts'
import { type DeliveryReaders, LogUnavailableError } from '../delivery-log.ts'
import { SEQ_STEP } from '../partitioned-seq.ts'
import { TableLog } from './table-log.ts'
import { openTableReaders } from './table-readers.ts'

const MIB = 1024 * 1024
const PARTITIONS = 4

let database: TempDatabase
const logs: TableLog[] = []
const allReaders: DeliveryReaders[] = []

beforeEach(async () => {
  database = await makeTempDatabase()
})

afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  for (const readers of allReaders.splice(0)) await readers.close()
  await database.close()
})

async function openLog(db: Db = database.db, partitions = PARTITIONS, patienceMs?: number): Promise<TableLog> {
  const log = await TableLog.open(db, partitions, patienceMs)
  logs.push(log)
  return log
}

async function openReaders(db: Db = database.db): Promise<DeliveryReaders> {
  const readers = await openTableReaders(db, PARTITIONS)
  allReaders.push(readers)
  return readers
}

async function open() {
  const openBoth = async () => ({ log: await openLog(), readers: await openReaders() })
  const opened = await openBoth()
  return {
    ...opened,
    restart: async () => {
      await opened.log.close()
      return await openBoth()
    },
  }
}

describeDeliveryLog('table', open)
describePartitions('table', open)

test('with appenders on two nodes a reader that goes on behind what it saw misses nothing, and numbers have no gaps', async () => {
  const nodes = [await openLog(database.openAnother()), await openLog(database.openAnother())]
  const readers = await openReaders()
  const seen = new Map<string, number[]>(readers.partitions.map((partition) => [partition, []]))
  let isOver = false
  const follow = async (partition: string): Promise<void> => {
    const reader = readers.open(partition)
    const found = seen.get(partition) as number[]
    for (let isLast = false; !isLast; ) {
      // Asked before it reads: what was appended until then is there to be read.
      isLast = isOver
      const read = await reader.read(found.at(-1) ?? 0, { count: 50, bytes: MIB })
      found.push(...read.map(({ seq }) => seq))
      if (read.length > 0) isLast = false
      // SQLite answers in this thread: promises alone would never let the appenders run.
      await sleep(2)
    }
  }
  const following = Promise.all(readers.partitions.map(follow))
  const appended = await Promise.all(
    nodes.map(async (log, node) => {
      const seqs: number[] = []
      for (let round = 0; round < 30; round++) {
        const keys = Array.from({ length: 8 }, (_, i) => `${node} ${round} ${i}`)
        const together = keys.map((partitionKey) => log.append(deliveryOf('a', { partitionKey })))
        seqs.push(...(await Promise.all(together)))
      }
      return seqs
    }),
  )
  isOver = true
  await following
  expect([...seen.values()].flat().sort((a, b) => a - b)).toEqual(appended.flat().sort((a, b) => a - b))
  for (const seqs of seen.values()) seqs.forEach((seq, i) => expect(Math.floor(seq / SEQ_STEP)).toBe(i + 1))
})

test('nodes that start together make one log', async () => {
  const handles = Array.from({ length: 4 }, () => database.openAnother())
  const opened = await Promise.all(handles.map((db) => openLog(db)))
  expect(new Set(opened.map(({ partitions }) => partitions[0])).size).toBe(1)
})

test('another number of partitions than the log was made with is refused, with the one to write', async () => {
  await openLog()
  await expect(openLog(database.db, 8)).rejects.toThrow(
    /made with 4 partitions, and the configuration says 8\. .*set `log\.partitions` to 4/,
  )
})

test('what another node appended is heard of soon', async () => {
  const log = await openLog(database.openAnother())
  const readers = await openReaders()
  const heard: string[] = []
  readers.watch((partition) => heard.push(partition))
  await sleep(300)
  expect(heard).toEqual([])
  const seqs = [
    await log.append(deliveryOf('a', { partitionKey: 'x' })),
    await log.append(deliveryOf('b', { partitionKey: 'y' })),
  ]
  await expect
    .poll(() => new Set(heard), { timeout: 1000, interval: 20 })
    .toEqual(new Set(seqs.map((seq) => log.partitionOf(seq))))
})

test('an incompressible body of 62 MB is kept whole, in pieces that a server takes', { timeout: 60_000 }, async () => {
  // On a busy machine it takes longer than a sender waits, who would send it again.
  const log = await openLog(database.db, PARTITIONS, 45_000)
  const readers = await openReaders()
  const body = new Uint8Array(randomBytes(62 * MIB))
  const seq = await log.append(deliveryOf(body.slice()))
  expect(Buffer.compare((await readAll(readers))[0]?.body ?? new Uint8Array(), body)).toBe(0)
  expect((await log.stats()).storedBytes).toBeGreaterThan(61 * MIB)
  const keepFrom = new Map([[log.partitionOf(seq), seq + 1]])
  expect(await log.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: 0, keepFrom })).toBe(1)
  expect(await database.db.selectFrom('delivery_segment').select('id').execute()).toEqual([])
  expect(await log.stats()).toMatchObject({ deliveries: 0, storedBytes: 0 })
})

test('of two that trim at the same time each delivery is counted once', async () => {
  const log = await openLog()
  const other = await openLog(database.openAnother())
  for (let i = 0; i < 5; i++)
    await Promise.all(
      Array.from({ length: 40 }, (_, j) => log.append(deliveryOf(`b ${i} ${j}`, { partitionKey: `${j}` }))),
    )
  const keepFrom = new Map(log.partitions.map((partition) => [partition, Number.MAX_SAFE_INTEGER]))
  const trimAll = async (by: TableLog): Promise<number> => {
    let total = 0
    while ((await by.stats()).deliveries > 0) {
      total += await by.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: 0, keepFrom })
      await sleep(1)
    }
    return total
  }
  const trimmed = await Promise.all([trimAll(log), trimAll(other)])
  expect(trimmed.reduce((sum, count) => sum + count)).toBe(200)
  expect(await log.stats()).toMatchObject({ deliveries: 0, storedBytes: 0 })
  expect(await database.db.selectFrom('delivery_segment').select('id').execute()).toEqual([])
})

test('a closed log, and one whose database is away, refuse', async () => {
  const db = database.openAnother()
  const log = await openLog(db)
  await log.append(deliveryOf('a'))
  await log.close()
  await expect(log.append(deliveryOf('b'))).rejects.toThrow(LogUnavailableError)
  const away = await openLog(db)
  await db.destroy()
  await expect(away.append(deliveryOf('b'))).rejects.toThrow(LogUnavailableError)
  await expect(away.stats()).rejects.toThrow(LogUnavailableError)
})
