import { describe, expect, test } from 'vitest'
import type { Delivery, DeliveryLog } from '../../src/intake/delivery-log/delivery-log.ts'

/** A log to be tested. */
export interface DeliveryLogUnderTest {
  readonly log: DeliveryLog
  /** Ends the log in order and opens it again on the same data. */
  readonly restart: () => Promise<DeliveryLog>
}

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
    body: typeof body === 'string' ? new Uint8Array(Buffer.from(body)) : new Uint8Array(body),
    ...facts,
  }
}

function textOf(delivery: { readonly body: Uint8Array } | null | undefined): string {
  return Buffer.from(delivery?.body ?? []).toString()
}

/** What every delivery log promises. `open` gives an empty one. */
export function describeDeliveryLog(name: string, open: () => Promise<DeliveryLogUnderTest>): void {
  describe(`${name} delivery log`, () => {
    describeKeeping(open)
    describeReading(open)
    describeTrimming(open)
  })
}

function describeKeeping(open: () => Promise<DeliveryLogUnderTest>): void {
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
    const { logId } = log
    for (let i = 0; i < 20; i++) await log.append(deliveryOf(`body ${i}`))
    const again = await restart()
    expect(again.logId).toBe(logId)
    const read = await again.read(0, ALL)
    expect(read.map(textOf)).toEqual(Array.from({ length: 20 }, (_, i) => `body ${i}`))
    const next = await again.append(deliveryOf('one more'))
    expect(next).toBeGreaterThan(read.at(-1)?.seq as number)
  })

  test('appends at the same time all get a position of their own, in the order of the calls', async () => {
    const { log } = await open()
    const bodies = Array.from({ length: 500 }, (_, i) => `body ${i} ${'x'.repeat((i * 37) % 3000)}`)
    const seqs = await Promise.all(bodies.map((body) => log.append(deliveryOf(body))))
    expect(new Set(seqs).size).toBe(500)
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs)
    const read = await log.read(0, ALL)
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
    const stored = await again.get(seq)
    expect(stored?.body.length).toBe(large.length)
    expect(Buffer.compare(stored?.body ?? new Uint8Array(), deliveryOf(large).body)).toBe(0)
    expect(await again.read(0, ALL)).toHaveLength(51)
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

function describeReading(open: () => Promise<DeliveryLogUnderTest>): void {
  test('reading goes on behind a position and stops at the limits, but never before the first', async () => {
    const { log } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 10; i++) seqs.push(await log.append(deliveryOf('x'.repeat(1000))))
    const first = await log.read(0, { count: 3, bytes: MIB })
    expect(first.map(({ seq }) => seq)).toEqual(seqs.slice(0, 3))
    const second = await log.read(first.at(-1)?.seq as number, { count: 100, bytes: 2500 })
    expect(second.map(({ seq }) => seq)).toEqual(seqs.slice(3, 5))
    expect(await log.read(seqs[4] as number, { count: 100, bytes: 10 })).toHaveLength(1)
    expect(await log.read(seqs[9] as number, ALL)).toEqual([])
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
    for (let before: number | null = null; ; ) {
      const page = await log.list({ before, source: null, limit: 10 })
      if (page.length === 0) break
      pages.push(page.map(({ seq }) => seq))
      before = page.at(-1)?.seq as number
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

function describeTrimming(open: () => Promise<DeliveryLogUnderTest>): void {
  test('trimming by age takes the old, keeps the new, and never what is not folded', async () => {
    const { log } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 20; i++)
      seqs.push(await log.append(deliveryOf(`body ${i}`, { receivedAt: START + i * HOUR_MS })))
    const request = { receivedBefore: START + 10 * HOUR_MS, mostBytes: NO_SIZE_LIMIT }
    expect(await trimAll(log, { ...request, keepFrom: seqs[4] as number })).toBe(4)
    expect((await log.read(0, ALL)).map(textOf)[0]).toBe('body 4')
    expect(await trimAll(log, { ...request, keepFrom: (seqs[19] as number) + 1 })).toBe(6)
    const left = await log.read(0, ALL)
    expect(left.map(textOf)).toEqual(Array.from({ length: 10 }, (_, i) => `body ${i + 10}`))
    expect(await log.get(seqs[0] as number)).toBeNull()
  })

  test('trimming by size takes the oldest until the rest fits, and no more', async () => {
    const { log } = await open()
    const seqs: number[] = []
    for (let i = 0; i < 40; i++) seqs.push(await log.append(deliveryOf(incompressible(MIB, i))))
    const keepFrom = (seqs[39] as number) + 1
    expect((await log.stats()).storedBytes).toBeGreaterThan(39 * MIB)
    expect(await trimAll(log, { receivedBefore: 0, mostBytes: NO_SIZE_LIMIT, keepFrom })).toBe(0)
    await trimAll(log, { receivedBefore: 0, mostBytes: 20 * MIB, keepFrom })
    const left = await log.read(0, ALL)
    expect(left.length).toBeGreaterThanOrEqual(17)
    expect(left.length).toBeLessThanOrEqual(20)
    expect(left.at(-1)?.seq).toBe(seqs[39])
    expect((await log.stats()).storedBytes).toBeLessThanOrEqual(20 * MIB)
    await trimAll(log, { receivedBefore: 0, mostBytes: 0, keepFrom: seqs[35] as number })
    expect((await log.read(0, ALL)).map(({ seq }) => seq)).toEqual(seqs.slice(35))
  })

  test('deliveries that were committed together can be trimmed apart', async () => {
    const { log } = await open()
    const seqs = await Promise.all(Array.from({ length: 30 }, (_, i) => log.append(deliveryOf(`body ${i}`))))
    await trimAll(log, { receivedBefore: START + HOUR_MS, mostBytes: NO_SIZE_LIMIT, keepFrom: seqs[15] as number })
    expect((await log.read(0, ALL)).map(textOf)).toEqual(Array.from({ length: 15 }, (_, i) => `body ${i + 15}`))
  })

  test('an emptied log keeps its position: what comes next is never taken for something old', async () => {
    const { log, restart } = await open()
    const seqs = await Promise.all([log.append(deliveryOf('a')), log.append(deliveryOf('b'))])
    const last = seqs[1] as number
    await trimAll(log, { receivedBefore: START + HOUR_MS, mostBytes: 0, keepFrom: last + 1 })
    expect(await log.stats()).toMatchObject({ lastSeq: last, deliveries: 0 })
    const again = await restart()
    expect((await again.stats()).lastSeq).toBe(last)
    expect(await again.append(deliveryOf('c'))).toBeGreaterThan(last)
    expect((await again.stats()).deliveries).toBe(1)
  })
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
  let state = seed + 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}
