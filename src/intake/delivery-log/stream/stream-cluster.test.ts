import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { deliveryOf, describeDeliveryLog, describePartitions } from '../../../../test/conformance/delivery-log.ts'
import { type NatsCluster, type NatsServer, startNats } from '../../../../test/support/run-nats.ts'
import {
  freshStreamLocation,
  openReadersForTest,
  openStreamForTest,
  openStreamUnderTest,
} from '../../../../test/support/stream-log-rig.ts'
import { type DeliveryLog, type DeliveryReaders, LogUnavailableError, type StoredDelivery } from '../delivery-log.ts'
import type { StreamLocation } from './stream-location.ts'

let nats: NatsCluster

beforeAll(async () => {
  nats = await startNats(3)
}, 60_000)

afterAll(async () => {
  await nats?.stop()
}, 60_000)

function freshLocation(facts: Partial<StreamLocation> = {}): StreamLocation {
  return freshStreamLocation(nats.servers, { replicas: 3, ...facts })
}

describeDeliveryLog('stream on three servers', () => openStreamUnderTest(freshLocation()))
describePartitions('stream on three servers', () => openStreamUnderTest(freshLocation({ partitions: 4 })))

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Appends without pause, each body until it is acknowledged, as senders do who are told 503. */
class Load {
  readonly acked: string[] = []
  readonly ackedAt: number[] = []
  refused = 0
  #isOver = false
  readonly #senders: Promise<unknown>

  constructor(log: DeliveryLog, senders: number) {
    this.#senders = Promise.all(Array.from({ length: senders }, (_, id) => this.#send(log, id)))
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#senders
  }

  async #send(log: DeliveryLog, id: number): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const body = `sender ${id}, ${i}`
      try {
        await log.append(deliveryOf(body, { partitionKey: body }))
        this.acked.push(body)
        this.ackedAt.push(performance.now())
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error
        // It may be stored or not: nobody promised anything. The sender goes on with another.
        this.refused++
      }
      await sleep(5)
    }
  }
}

/** What a consumer would fold, in the order of each partition. */
class Folder {
  readonly found: StoredDelivery[] = []
  readonly faults: string[] = []
  #isOver = false
  readonly #loops: Promise<unknown>

  constructor(readers: DeliveryReaders) {
    this.#loops = Promise.all(readers.partitions.map((partition) => this.#fold(readers, partition)))
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#loops
  }

  async #fold(readers: DeliveryReaders, partition: string): Promise<void> {
    const reader = readers.open(partition)
    let position = 0
    for (let isLast = false; !isLast; ) {
      isLast = this.#isOver
      try {
        const batch = await reader.read(position, { count: 500, bytes: 1_000_000 })
        this.found.push(...batch)
        position = batch.at(-1)?.seq ?? position
        if (batch.length > 0) isLast = false
        else await sleep(20)
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error
        this.faults.push(error.message)
        isLast = false
        await sleep(200)
      }
    }
    await reader.close()
  }
}

/** Those that occur more than once. */
function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))]
}

describe('while servers die', () => {
  async function underLoad(work: (nats: NatsCluster, load: Load) => Promise<void>) {
    const location = freshLocation({ partitions: 3 })
    const log = await openStreamForTest(location)
    const readers = await openReadersForTest(location)
    const load = new Load(log, 12)
    const folder = new Folder(readers)
    await sleep(1000)
    await work(nats, load)
    await load.end()
    await folder.end()
    return { load, folder }
  }

  test('kill -9 of each of three servers in turn: nothing acknowledged is lost, nothing is stored twice, appends go on', async () => {
    const { load, folder } = await underLoad(async ({ servers }, load) => {
      for (const server of servers) {
        await server.kill9()
        // Three partitions with a leader each: enough is acknowledged only when all of them have one again.
        const before = load.acked.length
        await expect.poll(() => load.acked.length - before, { timeout: 20_000 }).toBeGreaterThan(600)
        await server.restart()
        await sleep(500)
      }
    })
    const folded = folder.found.map(({ body }) => Buffer.from(body).toString())
    const foldedSet = new Set(folded)
    expect(load.acked.filter((body) => !foldedSet.has(body))).toEqual([])
    expect(repeated(folded)).toEqual([])
    const pauses = load.ackedAt.slice(1).map((at, i) => at - (load.ackedAt[i] as number))
    expect(Math.max(...pauses)).toBeLessThan(12_000)
    expect(load.acked.length).toBeGreaterThan(500)
  }, 120_000)

  test('without a majority nothing is acknowledged, and with it again what was is still there', async () => {
    const location = freshLocation()
    const log = await openStreamForTest(location)
    const readers = await openReadersForTest(location)
    await log.append(deliveryOf('before'))
    const [first, second] = nats.servers as readonly [NatsServer, NatsServer]
    await Promise.all([first.kill9(), second.kill9()])
    onTestFinished(() => nats.restart())
    await expect(log.check()).rejects.toThrow(LogUnavailableError)
    await expect(log.append(deliveryOf('meanwhile'))).rejects.toThrow(LogUnavailableError)
    await nats.restart()
    await expect.poll(() => log.append(deliveryOf('after')).catch(() => 0), { timeout: 40_000 }).toBeGreaterThan(0)
    const reader = readers.open(log.partitions[0] as string)
    const texts = (await reader.read(0, { count: 10, bytes: 10_000 })).map(({ body }) => Buffer.from(body).toString())
    await reader.close()
    expect(texts[0]).toBe('before')
    expect(texts.at(-1)).toBe('after')
  }, 90_000)
})
