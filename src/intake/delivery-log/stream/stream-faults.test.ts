import { jetstreamManager } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { deliveryOf, incompressible, readAll } from '../../../../test/conformance/delivery-log.ts'
import { type NatsCluster, type NatsServer, startNats } from '../../../../test/support/run-nats.ts'
import {
  freshStreamLocation,
  openReadersForTest,
  openStreamForTest,
  openStreamUnderTest,
} from '../../../../test/support/stream-log-rig.ts'
import { TcpProxy } from '../../../../test/support/tcp-proxy.ts'
import { type DeliveryLog, type DeliveryReader, LogUnavailableError, type StoredDelivery } from '../delivery-log.ts'
import type { StreamLocation } from './stream-location.ts'

let nats: NatsCluster

beforeAll(async () => {
  nats = await startNats()
})

afterAll(async () => {
  await nats?.stop()
})

const MIB = 1024 * 1024
const ALL = { count: 10_000, bytes: 1024 * MIB }

function server(): NatsServer {
  return nats.servers[0] as NatsServer
}

async function manager() {
  const nc = await connect({ servers: `127.0.0.1:${server().port}` })
  onTestFinished(() => nc.close())
  return { nc, jsm: await jetstreamManager(nc) }
}

async function proxied(): Promise<{ readonly proxy: TcpProxy; readonly location: StreamLocation }> {
  const proxy = await TcpProxy.start(server().port)
  onTestFinished(() => proxy.close())
  return { proxy, location: freshStreamLocation([proxy]) }
}

function textsOf(deliveries: readonly StoredDelivery[]): readonly string[] {
  return deliveries.map(({ body }) => Buffer.from(body).toString())
}

describe('appending', () => {
  test('two deliveries are kept twice, however equal their bytes and request ids are', async () => {
    const { log, readers } = await openStreamUnderTest(freshStreamLocation(nats.servers))
    const seqs = [await log.append(deliveryOf('same')), await log.append(deliveryOf('same'))]
    expect(new Set(seqs).size).toBe(2)
    expect(textsOf(await readAll(readers))).toEqual(['same', 'same'])
  })

  test('a connection that breaks again and again between messages and their answers loses nothing and stores nothing twice', async () => {
    const { proxy, location } = await proxied()
    const log = await openStreamForTest(location)
    const acked: string[] = []
    let isOver = false
    const sender = async (id: number): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        const body = `sender ${id}, ${i}`
        await log.append(deliveryOf(body))
        acked.push(body)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    const senders = Promise.all(Array.from({ length: 20 }, (_, id) => sender(id)))
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      proxy.resetAfter(i % 2 === 0 ? 'down' : 'up', 1000 + i * 333)
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
    isOver = true
    await senders
    const readers = await openReadersForTest({ ...location, servers: [`127.0.0.1:${server().port}`] })
    const stored = textsOf(await readAll(readers))
    expect(acked.length).toBeGreaterThan(200)
    expect([...stored].sort()).toEqual([...acked].sort())
  })

  test('without an answer an append is refused before a sender gives up, and goes on when NATS is back', async () => {
    const { proxy, location } = await proxied()
    const log = await openStreamForTest(location)
    await log.append(deliveryOf('before'))
    proxy.mode = 'half-open'
    const before = performance.now()
    await expect(log.append(deliveryOf('meanwhile'))).rejects.toThrow(LogUnavailableError)
    expect(performance.now() - before).toBeLessThan(8500)
    proxy.mode = 'drop'
    proxy.mode = 'forward'
    await expect.poll(() => log.append(deliveryOf('after')), { timeout: 20_000 }).toBeGreaterThan(0)
  }, 40_000)

  test('a stream that is full refuses with the reason, and forgets nothing to make room', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    await log.append(deliveryOf('first'))
    const { jsm } = await manager()
    await jsm.streams.update(`${location.stream}_0`, { max_bytes: 20_000 })
    await expect(log.append(deliveryOf(incompressible(30_000, 1)))).rejects.toThrow(/no space left/)
    expect(textsOf(await readAll(readers))).toEqual(['first'])
  })

  test('what is left of a body whose end never came is no delivery, and does not keep anything from being trimmed', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    const first = await log.append(deliveryOf('first'))
    const { nc } = await manager()
    nc.publish(`${location.stream}.0.c`, incompressible(1000, 1))
    await nc.flush()
    const large = await log.append(deliveryOf(incompressible(2 * MIB, 1)))
    await nc.flush()
    expect((await readAll(readers)).map(({ seq }) => seq)).toEqual([first, large])
    expect(await log.get(first + 1024)).toBeNull()
    expect(await log.stats()).toMatchObject({ deliveries: 2, partitions: [{ lastSeq: large }] })
    expect((await log.list({ before: null, source: null, limit: 5 })).map(({ seq }) => seq)).toEqual([large, first])
    const keepFrom = new Map([[log.partitions[0] as string, large]])
    expect(await log.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: 0, keepFrom })).toBe(1)
    expect((await log.get(large))?.body.length).toBe(2 * MIB)
    expect(await log.get(first)).toBeNull()
  })
})

describe('reading', () => {
  /** Reads until so many deliveries are there; faults on the way are what a consumer meets too. */
  async function readUntil(reader: DeliveryReader, count: number): Promise<readonly StoredDelivery[]> {
    const found: StoredDelivery[] = []
    const giveUpAt = performance.now() + 30_000
    while (found.length < count && performance.now() < giveUpAt) {
      try {
        found.push(...(await reader.read(found.at(-1)?.seq ?? 0, { count: 7, bytes: MIB })))
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    return found
  }

  test('a reader whose server is killed and comes back goes on behind what it read, without a gap and in order', async () => {
    const own = await startNats()
    onTestFinished(() => own.stop())
    const location = freshStreamLocation(own.servers)
    const { log, readers } = await openStreamUnderTest(location)
    const reader = readers.open(log.partitions[0] as string)
    onTestFinished(() => reader.close())
    const bodies = Array.from({ length: 300 }, (_, i) => `body ${i}`)
    for (const body of bodies.slice(0, 200)) await log.append(deliveryOf(body))
    const reading = readUntil(reader, 300)
    await own.servers[0]?.kill9()
    await own.servers[0]?.restart()
    for (const body of bodies.slice(200)) await log.append(deliveryOf(body))
    expect(textsOf(await reading)).toEqual(bodies)
  }, 60_000)

  test('a reader that fell behind trimming goes on with the oldest that is left', async () => {
    const { log, readers } = await openStreamUnderTest(freshStreamLocation(nats.servers))
    const partition = log.partitions[0] as string
    const reader = readers.open(partition)
    onTestFinished(() => reader.close())
    const seqs: number[] = []
    for (let i = 0; i < 20; i++) seqs.push(await log.append(deliveryOf(`body ${i}`)))
    await reader.read(0, { count: 3, bytes: MIB })
    const keepFrom = new Map([[partition, seqs[15] as number]])
    await log.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: Number.MAX_SAFE_INTEGER, keepFrom })
    const fresh = readers.open(partition)
    onTestFinished(() => fresh.close())
    expect((await fresh.read(seqs[2] as number, ALL)).map(({ seq }) => seq)).toEqual(seqs.slice(15))
  })

  test('a stream that lost its end says so, and gives no place a second time', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    const reader = readers.open(log.partitions[0] as string)
    onTestFinished(() => reader.close())
    await log.append(deliveryOf('a'))
    const folded = 500 * 1024
    await expect(reader.read(folded, ALL)).rejects.toThrow(/lost its end/)
    expect(await reader.read(folded, ALL)).toEqual([])
    const next = await log.append(deliveryOf('b'))
    expect(next).toBeGreaterThan(folded)
    expect(textsOf(await reader.read(folded, ALL))).toEqual(['b'])
    expect(await log.stats()).toMatchObject({ deliveries: 2, partitions: [{ lastSeq: next }] })
  })

  test('a stream of several that is gone is named while others store; without any the log says that it cannot', async () => {
    const location = freshStreamLocation(nats.servers, { partitions: 2 })
    const log = await openStreamForTest(location)
    const { jsm } = await manager()
    await jsm.streams.delete(`${location.stream}_1`)
    expect(await log.check()).toEqual([{ partition: log.partitions[1], reason: 'its stream is gone from NATS' }])
    await jsm.streams.delete(`${location.stream}_0`)
    await expect(log.check()).rejects.toThrow(LogUnavailableError)
  })

  test('a node that appends into a stream which lost its end goes on behind every place that it heard of', async () => {
    const location = freshStreamLocation(nats.servers)
    const log = await openStreamForTest(location)
    const { nc } = await manager()
    nc.publish(`${location.stream}.wake.0`, '700')
    await nc.flush()
    await expect.poll(() => log.append(deliveryOf('a'))).toBeGreaterThan(700 * 1024)
  })

  test('those who watch are woken by what their reader is given, also when no node tells them', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    const reader = readers.open(log.partitions[0] as string)
    onTestFinished(() => reader.close())
    expect(await reader.read(0, ALL)).toEqual([])
    const heard: string[] = []
    onTestFinished(readers.watch((partition) => heard.push(partition)))
    const { nc } = await manager()
    nc.publish(`${location.stream}.0.d.x.w`, 'hello', { headers: headersOfDelivery() })
    await expect.poll(() => heard.length, { timeout: 2000, interval: 10 }).toBeGreaterThan(0)
    expect(textsOf(await reader.read(0, ALL))).toEqual(['hello'])
  })

  function headersOfDelivery() {
    const given = headers()
    const facts = { tenant: 't', source: 'x', kind: 'k', at: 1, request: 'r', type: '', cut: 0, bytes: 5, z: false }
    given.set('Nunchi-Delivery', JSON.stringify(facts))
    return given
  }

  test('messages of others in a stream are passed over', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    const { nc } = await manager()
    nc.publish(`${location.stream}.0.d.x.w`, 'no header')
    nc.publish(`${location.stream}.0.somewhere`, 'else')
    await nc.flush()
    const seq = await log.append(deliveryOf('ours'))
    expect((await readAll(readers)).map(({ seq }) => seq)).toEqual([seq])
    expect((await log.list({ before: null, source: null, limit: 5 })).map(({ seq }) => seq)).toEqual([seq])
  })
})

describe('opening', () => {
  async function refusalOf(location: StreamLocation): Promise<string> {
    const opened: Promise<DeliveryLog> = openStreamForTest(location)
    return await opened.then(
      () => 'it opened',
      (error: Error) => `${error.name}: ${error.message}`,
    )
  }

  test('several nodes may make the same log at the same time', async () => {
    const location = freshStreamLocation(nats.servers, { partitions: 3 })
    const logs = await Promise.all(Array.from({ length: 5 }, () => openStreamForTest(location)))
    for (const log of logs) expect(log.partitions).toEqual(logs[0]?.partitions)
  })

  test('a stream that was deleted and made anew is another log, and who still has the old one hears so', async () => {
    const location = freshStreamLocation(nats.servers)
    const { log, readers } = await openStreamUnderTest(location)
    for (let i = 0; i < 3; i++) await log.append(deliveryOf(`body ${i}`))
    const { jsm } = await manager()
    await jsm.streams.delete(`${location.stream}_0`)
    const anew = await openStreamForTest(location)
    expect(anew.partitions).not.toEqual(log.partitions)
    await expect(log.stats()).rejects.toThrow(/made anew/)
    await expect(readers.open(readers.partitions[0] as string).read(0, ALL)).rejects.toThrow(/made anew/)
    await expect(log.append(deliveryOf('to the new one'))).rejects.toThrow(/made anew/)
  })

  test('another number of partitions or replicas than the log was made with is refused with both', async () => {
    const location = freshStreamLocation(nats.servers, { partitions: 2 })
    await openStreamForTest(location)
    expect(await refusalOf({ ...location, partitions: 4 })).toMatch(/made with 2 partitions, and .* says 4/)
    const { jsm } = await manager()
    await jsm.streams.update(`${location.stream}_1`, { max_age: 3_600_000_000_000 })
    expect(await refusalOf(location)).toMatch(/max_age is 3600000000000, not 0/)
  })

  test('three replicas on one server are refused with what is missing', async () => {
    expect(await refusalOf(freshStreamLocation(nats.servers, { replicas: 3 }))).toMatch(
      /LogUnavailableError: .*needs one of three servers/,
    )
  })

  test('a stream of somebody else is left alone', async () => {
    const location = freshStreamLocation(nats.servers)
    const { jsm } = await manager()
    await jsm.streams.add({ name: `${location.stream}_0`, subjects: [`${location.stream}.0.>`] })
    expect(await refusalOf(location)).toMatch(/not one that Nunchi made/)
  })

  test('a server without JetStream is named as such, and one that is not there by its address', async () => {
    const bare = await startNats(1, { hasJetStream: false })
    onTestFinished(() => bare.stop())
    expect(await refusalOf(freshStreamLocation(bare.servers))).toMatch(/JetStream.* not enabled/)
    expect(await refusalOf(freshStreamLocation([{ port: 1 }]))).toMatch(/no connection to NATS at 127\.0\.0\.1:1/)
  }, 40_000)
})
