import { describe, expect, test } from 'vitest'
import type {
  Delivery,
  DeliveryLog,
  DeliveryPlace,
  DeliveryReaders,
  ReadLimit,
  StoredDelivery,
} from '../../src/intake/delivery-log/delivery-log.ts'

/** A log to be tested, as those who take in and those who fold see it. */
export interface DeliveryLogUnderTest {
  readonly log: DeliveryLog
  readonly readers: DeliveryReaders
  /** Ends the log in order and opens it again on the same data. */
  readonly restart: () => Promise<Pick<DeliveryLogUnderTest, 'log' | 'readers'>>
}

type Open = () => Promise<DeliveryLogUnderTest>

const HOUR_MS = 3_600_000
const MIB = 1024 * 1024
const START = Date.UTC(2026, 10, 21)
const NO_SIZE_LIMIT = Number.MAX_SAFE_INTEGER
const ALL = { count: 10_000, bytes: 1024 * MIB }

/** A delivery with a body of its own. */
export function deliveryOf(body: string | Uint8Array, facts: Partial<Delivery> = {}): Delivery {
  return {
    tenantId: 'default',
    source: 'alertmanager',
    sourceKind: 'alertmanager',
    receivedAt: START,
    requestId: 'request-1',
    contentType: 'application/json',
    bytesCut: 0,
    // A copy that owns its memory, as bodies of requests do: a log may take it away.
    partitionKey: 'alertmanager',
    body: typeof body === 'string' ? new Uint8Array(Buffer.from(body)) : new Uint8Array(body),
    ...facts,
  }
}

function textOf(delivery: { readonly body: Uint8Array } | null | undefined): string {
  return Buffer.from(delivery?.body ?? []).toString()
}

/** Everything that is in the log, partition by partition. */
export async function readAll(readers: DeliveryReaders): Promise<readonly StoredDelivery[]> {
  const found: StoredDelivery[] = []
  for (const partition of readers.partitions) found.push(...(await readFrom(readers, partition)))
  return found
}

async function readFrom(
  readers: DeliveryReaders,
  partition: string,
  { after = 0, limit = ALL }: { readonly after?: number; readonly limit?: ReadLimit } = {},
): Promise<readonly StoredDelivery[]> {
  const reader = readers.open(partition)
  try {
    return await reader.read(after, limit)
  } finally {
    await reader.close()
  }
}

/** Walks through all pages, the newest first. */
async function requestIdsByPage(log: DeliveryLog, limit: number): Promise<readonly string[]> {
  const listed: string[] = []
  for (let before: DeliveryPlace | null = null; ; ) {
    const page = await log.list({ before, source: null, limit })
    if (page.length === 0) return listed
    listed.push(...page.map(({ requestId }) => requestId))
    before = page.at(-1) ?? null
  }
}

/** What every delivery log promises. `open` gives an empty one. */
export function describeDeliveryLog(name: string, open: Open): void {
  describe(`${name} delivery log`, () => {
    describeKeeping(open)
    describeReading(open)
    describeWatching(open)
    describeTrimming(open)
  })
}

function describeKeeping(open: Open): void {
  test('it says that it can append', async () => {
    const { log } = await open()
    expect(await log.check()).toEqual([])
    await log.append(deliveryOf('a'))
    expect(await log.check()).toEqual([])
  })

  test('a delivery comes back exactly as it was given', async () => {
    const { log } = await open()
    const body = Uint8Array.from({ length: 1000 }, (_, i) => i % 256)
    const given = deliveryOf(body, {
      tenantId: 't',
      source: 'grafana-eu',
      sourceKind: 'grafana',
      receivedAt: START + 5,
      requestId: 'r-7',
      contentType: 'text/plain; x="ü"',
      bytesCut: 12,
    })
    const seq = await log.append(given)
    const stored = await log.get(seq)
    expect(stored).toMatchObject({
      seq,
      tenantId: 't',
      source: 'grafana-eu',
      sourceKind: 'grafana',
      receivedAt: START + 5,
      requestId: 'r-7',
      contentType: 'text/plain; x="ü"',
      bytesCut: 12,
    })
    expect(Buffer.from(stored?.body ?? []).equals(Buffer.from(body))).toBe(true)
    expect(await log.get(seq + 1)).toBeNull()
  })

  test('what was acknowledged is there after a restart, in order, and counting goes on', async () => {
    const { log, restart } = await open()
    const { partitions } = log
    for (let i = 0; i < 20; i++) await log.append(deliveryOf(`body ${i}`))
    const again = await restart()
    expect(again.log.partitions).toEqual(partitions)
    expect(again.readers.partitions).toEqual(partitions)
    const read = await readAll(again.readers)
    expect(read.map(textOf)).toEqual(Array.from({ length: 20 }, (_, i) => `body ${i}`))
    const next = await again.log.append(deliveryOf('one more'))
    expect(next).toBeGreaterThan(read.at(-1)?.seq as number)
  })

  test('appends at the same time all get a position of their own, in the order of the calls', async () => {
    const { log, readers } = await open()
    const bodies = Array.from({ length: 500 }, (_, i) => `body ${i} ${'x'.repeat((i * 37) % 3000)}`)
    const seqs = await Promise.all(bodies.map((body) => log.append(deliveryOf(body))))
    expect(new Set(seqs).size).toBe(500)
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs)
    const read = await readAll(readers)
    expect(read.map(textOf)).toEqual(bodies)
    expect(read.map(({ seq }) => seq)).toEqual(seqs)
  })

  test('a body of 62 MB is kept whole, and small ones beside it are not held up for long', async () => {
    const { log, restart } = await open()
    const large = new Uint8Array(62 * MIB)
    for (let i = 0; i < large.length; i += 4096) large[i] = (i / 4096) % 251
    const largeStored = log.append(deliveryOf(large))
    const before = performance.now()
    await Promise.all(Array.from({ length: 50 }, (_, i) => log.append(deliveryOf(`small ${i}`))))
    expect(performance.now() - before).toBeLessThan(2000)
    const seq = await largeStored
    const again = await restart()
    const stored = await again.log.get(seq)
    expect(stored?.body.length).toBe(large.length)
    expect(Buffer.compare(stored?.body ?? new Uint8Array(), deliveryOf(large).body)).toBe(0)
    expect(await readAll(again.readers)).toHaveLength(51)
  })

  test('an empty body is a delivery like any other', async () => {
    const { log } = await open()
    const seqs = await Promise.all([
      log.append(deliveryOf('')),
      log.append(deliveryOf('a')),
      log.append(deliveryOf('')),
    ])
    expect(await Promise.all(seqs.map(async (seq) => textOf(await log.get(seq))))).toEqual(['', 'a', ''])
  })
}

function describeReading(open: Open): void {
  test('reading goes on behind a position and stops at the limits, but never before the first', async () => {
    const { log, readers } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 10; i++) seqs.push(await log.append(deliveryOf('x'.repeat(1000))))
    const reader = readers.open(log.partitionOf(seqs[0] as number))
    const first = await reader.read(0, { count: 3, bytes: MIB })
    expect(first.map(({ seq }) => seq)).toEqual(seqs.slice(0, 3))
    const second = await reader.read(first.at(-1)?.seq as number, { count: 100, bytes: 2500 })
    expect(second.map(({ seq }) => seq)).toEqual(seqs.slice(3, 5))
    expect(await reader.read(seqs[4] as number, { count: 100, bytes: 10 })).toHaveLength(1)
    expect(await reader.read(seqs[9] as number, ALL)).toEqual([])
    expect((await reader.get(seqs[9] as number))?.body.length).toBe(1000)
    await reader.close()
  })

  test('lists go from the newest to the oldest, page by page, of all sources or of one', async () => {
    const { log } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 25; i++)
      seqs.push(
        await log.append(
          deliveryOf(`body ${i}`, { source: i % 5 === 0 ? 'grafana' : 'alertmanager', receivedAt: START + i }),
        ),
      )
    const newestFirst = [...seqs].reverse()
    const pages: number[][] = []
    for (let before: DeliveryPlace | null = null; ; ) {
      const page = await log.list({ before, source: null, limit: 10 })
      if (page.length === 0) break
      pages.push(page.map(({ seq }) => seq))
      before = page.at(-1) ?? null
    }
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(newestFirst)
    const grafana = await log.list({ before: null, source: 'grafana', limit: 10 })
    expect(grafana.map(({ seq }) => seq)).toEqual(newestFirst.filter((_, i) => (24 - i) % 5 === 0))
    expect(grafana[0]).toMatchObject({ source: 'grafana', receivedAt: START + 20, bodyBytes: 7, bytesCut: 0 })
    expect(grafana[0]).not.toHaveProperty('body')
    expect(await log.list({ before: null, source: 'nobody', limit: 10 })).toEqual([])
  })
}

/** Beyond `describeDeliveryLog`: what a log with several partitions promises. `open` gives an empty one with at least four. */
export function describePartitions(name: string, open: Open): void {
  describe(`${name} delivery log with several partitions`, () => {
    describeSpreading(open)
    describeListingAcross(open)
  })
}

function describeSpreading(open: Open): void {
  test('a key always goes to the same partition, and many keys are spread over all of them', async () => {
    const { log, restart } = await open()
    const partitionOfKey = async (to: DeliveryLog, partitionKey: string): Promise<string> =>
      to.partitionOf(await to.append(deliveryOf('a', { partitionKey })))
    const keys = Array.from({ length: 100 }, (_, i) => `alertmanager group-${i}`)
    const first = await Promise.all(keys.map((key) => partitionOfKey(log, key)))
    expect(new Set(first)).toEqual(new Set(log.partitions))
    expect(await Promise.all(keys.map((key) => partitionOfKey(log, key)))).toEqual(first)
    const again = await restart()
    expect(await Promise.all(keys.map((key) => partitionOfKey(again.log, key)))).toEqual(first)
  })

  test('a partition is read in the order of its appends, and holds no delivery of another', async () => {
    const { log, readers } = await open()
    const keys = Array.from({ length: 200 }, (_, i) => `key ${i % 20}`)
    const seqs = await Promise.all(keys.map((partitionKey, i) => log.append(deliveryOf(`body ${i}`, { partitionKey }))))
    expect(new Set(seqs).size).toBe(200)
    for (const partition of log.partitions) {
      const expected = seqs.flatMap((seq, i) => (log.partitionOf(seq) === partition ? [`body ${i}`] : []))
      expect((await readFrom(readers, partition)).map(textOf)).toEqual(expected)
    }
    const { partitions, seqStep, deliveries } = await log.stats()
    expect(deliveries).toBe(200)
    expect(partitions.map(({ partition }) => partition)).toEqual(log.partitions)
    for (const { partition, lastSeq } of partitions) {
      const read = await readFrom(readers, partition)
      expect(lastSeq).toBe(read.at(-1)?.seq)
      read.slice(1).forEach(({ seq }, i) => expect(seq - (read[i]?.seq as number)).toBeGreaterThanOrEqual(seqStep))
    }
  })
}

function describeListingAcross(open: Open): void {
  test('a list goes through all partitions by the time of receipt, page by page', async () => {
    const { log } = await open()
    for (let i = 0; i < 40; i++)
      await log.append(
        deliveryOf(`body ${i}`, {
          partitionKey: `key ${i}`,
          requestId: `r${i}`,
          receivedAt: START + Math.floor(i / 3),
        }),
      )
    const listed = await requestIdsByPage(log, 7)
    const atOf = (requestId: string): number => Math.floor(Number(requestId.slice(1)) / 3)
    expect(new Set(listed).size).toBe(40)
    expect(listed).toHaveLength(40)
    expect(listed.map(atOf)).toEqual(listed.map(atOf).sort((a, b) => b - a))
  })

  test('pages show each delivery once, also when a node that was stopped hands in late what it received early', async () => {
    const { log } = await open()
    await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        log.append(
          deliveryOf(`body ${i}`, {
            partitionKey: `key ${i}`,
            requestId: `r${i}`,
            receivedAt: START + i * 10 - (i % 150 === 149 ? 2_000 : 0),
          }),
        ),
      ),
    )
    const listed = await requestIdsByPage(log, 30)
    expect(new Set(listed).size).toBe(400)
    expect(listed).toHaveLength(400)
  })

  test('trimming keeps of each partition what is not folded, and of one that is not named everything', async () => {
    const { log, readers } = await open()
    const seqs = await Promise.all(
      Array.from({ length: 100 }, (_, i) => log.append(deliveryOf(`body ${i}`, { partitionKey: `key ${i}` }))),
    )
    const [first, second] = log.partitions as readonly [string, string]
    const of = (partition: string): number[] => seqs.filter((seq) => log.partitionOf(seq) === partition)
    const keepFrom = new Map([
      [first, (of(first).at(-1) as number) + 1],
      [second, of(second)[1] as number],
    ])
    expect(await trimAll(log, { receivedBefore: START + HOUR_MS, mostBytes: NO_SIZE_LIMIT, keepFrom })).toBe(
      of(first).length + 1,
    )
    const left = (await readAll(readers)).map(({ seq }) => seq)
    expect(left).toEqual(
      log.partitions
        .flatMap((partition) => (partition === first ? [] : of(partition)))
        .filter((seq) => seq !== of(second)[0]),
    )
  })
}

function describeWatching(open: Open): void {
  test('those who watch hear soon of every partition that something was appended to, and nothing after they stopped', async () => {
    const { log, readers } = await open()
    const heard = new Set<string>()
    const stop = readers.watch((partition) => heard.add(partition))
    const partition = log.partitionOf(await log.append(deliveryOf('a')))
    await expect.poll(() => heard.has(partition), { timeout: 2000, interval: 20 }).toBe(true)
    stop()
    heard.clear()
    await log.append(deliveryOf('b'))
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect([...heard]).toEqual([])
  })
}

function describeTrimming(open: Open): void {
  test('trimming by age takes the old, keeps the new, and never what is not folded', async () => {
    const { log, readers } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 20; i++)
      seqs.push(await log.append(deliveryOf(`body ${i}`, { receivedAt: START + i * HOUR_MS })))
    const request = { receivedBefore: START + 10 * HOUR_MS, mostBytes: NO_SIZE_LIMIT }
    expect(await trimAll(log, { ...request, keepFrom: keepFrom(log, seqs[4] as number) })).toBe(4)
    expect((await readAll(readers)).map(textOf)[0]).toBe('body 4')
    expect(await trimAll(log, { ...request, keepFrom: keepBehind(log, seqs[19] as number) })).toBe(6)
    const left = await readAll(readers)
    expect(left.map(textOf)).toEqual(Array.from({ length: 10 }, (_, i) => `body ${i + 10}`))
    expect(await log.get(seqs[0] as number)).toBeNull()
  })

  test('trimming by size takes the oldest until the rest fits, and no more', async () => {
    const { log, readers } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 40; i++) seqs.push(await log.append(deliveryOf(incompressible(MIB, i))))
    const all = keepBehind(log, seqs[39] as number)
    expect((await log.stats()).storedBytes).toBeGreaterThan(39 * MIB)
    expect(await trimAll(log, { receivedBefore: 0, mostBytes: NO_SIZE_LIMIT, keepFrom: all })).toBe(0)
    await trimAll(log, { receivedBefore: 0, mostBytes: 20 * MIB, keepFrom: all })
    const left = await readAll(readers)
    expect(left.length).toBeGreaterThanOrEqual(17)
    expect(left.length).toBeLessThanOrEqual(20)
    expect(left.at(-1)?.seq).toBe(seqs[39])
    expect((await log.stats()).storedBytes).toBeLessThanOrEqual(20 * MIB)
    await trimAll(log, { receivedBefore: 0, mostBytes: 0, keepFrom: keepFrom(log, seqs[35] as number) })
    expect((await readAll(readers)).map(({ seq }) => seq)).toEqual(seqs.slice(35))
  })

  test('deliveries that were committed together can be trimmed apart', async () => {
    const { log, readers } = await open()
    const seqs = await Promise.all(Array.from({ length: 30 }, (_, i) => log.append(deliveryOf(`body ${i}`))))
    await trimAll(log, {
      receivedBefore: START + HOUR_MS,
      mostBytes: NO_SIZE_LIMIT,
      keepFrom: keepFrom(log, seqs[15] as number),
    })
    expect((await readAll(readers)).map(textOf)).toEqual(Array.from({ length: 15 }, (_, i) => `body ${i + 15}`))
  })

  test('an emptied log keeps its position: what comes next is never taken for something old', async () => {
    const { log, restart } = await open()
    const seqs = await Promise.all([log.append(deliveryOf('a')), log.append(deliveryOf('b'))])
    const last = seqs[1] as number
    await trimAll(log, { receivedBefore: START + HOUR_MS, mostBytes: 0, keepFrom: keepBehind(log, last) })
    const before = await lastSeqs(log)
    expect(before).toContain(last)
    expect((await log.stats()).deliveries).toBe(0)
    const { log: again } = await restart()
    expect(await lastSeqs(again)).toEqual(before)
    expect(await again.append(deliveryOf('c'))).toBeGreaterThan(last)
    expect((await again.stats()).deliveries).toBe(1)
  })
}

function keepFrom(log: DeliveryLog, seq: number): ReadonlyMap<string, number> {
  return new Map([[log.partitionOf(seq), seq]])
}

/** Everything up to a position is folded: a number in between need not belong to the partition. */
function keepBehind(log: DeliveryLog, seq: number): ReadonlyMap<string, number> {
  return new Map([[log.partitionOf(seq), seq + 1]])
}

async function lastSeqs(log: DeliveryLog): Promise<readonly number[]> {
  return (await log.stats()).partitions.map(({ lastSeq }) => lastSeq)
}

async function trimAll(log: DeliveryLog, request: Parameters<DeliveryLog['trim']>[0]): Promise<number> {
  let total = 0
  for (;;) {
    const trimmed = await log.trim(request)
    if (trimmed === 0) return total
    total += trimmed
  }
}

/** Noise: a body that takes as much on disk as it is long. */
export function incompressible(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = seed + 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
