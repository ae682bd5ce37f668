import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { waitUntil } from '../../test/support/wait-until.ts'
import { type BodyLimits, BodyReader, type ReadBody, type UnreadBody } from './read-body.ts'

const MIB = 1024 * 1024
const SMALL_LIMITS: BodyLimits = {
  mostBytes: 2 * MIB,
  keptBytes: 64 * 1024,
  inFlightBytes: 6 * MIB,
  idleMs: 200,
  totalMs: 1000,
}

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Outcome {
  readonly read: ReadBody | UnreadBody
  readonly request: IncomingMessage
}

/** A server that reads every body and holds it until `release` is called. */
async function startReader(limits: Partial<BodyLimits> = {}) {
  const reader = new BodyReader({ ...SMALL_LIMITS, ...limits })
  const outcomes: Outcome[] = []
  const server: Server = createServer((request, response) => {
    void reader.read(request).then((read) => {
      outcomes.push({ read, request })
      response.setHeader('connection', 'close')
      response.end(read.ok ? 'ok' : read.reason)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  cleanups.push(() => {
    reader.close()
    server.closeAllConnections()
    server.close()
  })
  const post = async (body: Uint8Array | string, headers: Record<string, string> = {}): Promise<ReadBody> => {
    await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: body as string, headers })
    const read = outcomes.at(-1)?.read
    if (!read?.ok) throw new Error(`not read: ${read?.reason}`)
    return read
  }
  const raw = (text: string) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => undefined)
    socket.write(text)
    cleanups.push(() => socket.destroy())
    return { socket, answer: () => answer }
  }
  return { reader, outcomes, port, post, raw }
}

function randomText(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => 32 + ((i * 7919) % 90)))
}

test('a body arrives byte for byte, however long and however it is cut into packets', async () => {
  const { post, reader } = await startReader()
  for (const length of [0, 1, 5000, 70_000, 200_000, 2 * MIB]) {
    const body = randomText(length)
    const read = await post(body)
    expect(Buffer.compare(read.bytes as Buffer, body)).toBe(0)
    expect(read).toMatchObject({ bytesCut: 0, isDecoded: true, isFinished: true, heldBytes: length })
    reader.release(read)
  }
  expect(reader.heldBytes).toBe(0)
})

test('a body without a length is read as well', async () => {
  const { raw, outcomes } = await startReader()
  const { socket } = raw('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n')
  await sleep(30)
  socket.write('6\r\n world\r\n0\r\n\r\n')
  const [{ read }] = (await waitUntil(() => outcomes.length > 0 && outcomes, { why: 'the body is read' })) as [Outcome]
  expect(read.ok && Buffer.from(read.bytes).toString()).toBe('hello world')
})

test('a body at the limit is whole, one byte more and only its beginning is kept', async () => {
  const { post, reader, outcomes, port } = await startReader()
  const atLimit = await post(randomText(2 * MIB))
  expect(atLimit.bytesCut).toBe(0)
  reader.release(atLimit)
  const body = randomText(2 * MIB + 1)
  const pieces = Array.from({ length: 22 }, (_, i) => body.subarray(i * 100_000, (i + 1) * 100_000))
  await post(body)
  await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    body: ReadableStream.from(pieces),
    duplex: 'half',
  } as RequestInit)
  for (const { read } of outcomes.slice(1)) {
    if (!read.ok) throw new Error(read.reason)
    expect(Buffer.compare(read.bytes as Buffer, body.subarray(0, 64 * 1024))).toBe(0)
    expect(read).toMatchObject({ bytesCut: 2 * MIB + 1 - 64 * 1024, heldBytes: 64 * 1024 })
    reader.release(read)
  }
  expect(reader.heldBytes).toBe(0)
})

const encodings: readonly [encoding: string, encode: (body: Buffer) => Buffer, why: string][] = [
  ['gzip', gzipSync, 'what most senders use'],
  ['x-gzip', gzipSync, 'its old name'],
  ['GZIP', gzipSync, 'names have no case'],
  ['deflate', deflateSync, 'as the standard has it'],
  ['deflate', deflateRawSync, 'as many senders have it'],
  ['br', brotliCompressSync, 'proxies recompress'],
  ['zstd', zstdCompressSync, 'the newest one'],
]
for (const [encoding, encode, why] of encodings) {
  test(`a body in ${encoding} is decoded (${why})`, async () => {
    const { post, reader } = await startReader()
    const body = randomText(300_000)
    const read = await post(encode(body), { 'content-encoding': encoding })
    expect(Buffer.compare(read.bytes as Buffer, body)).toBe(0)
    expect(read).toMatchObject({ isDecoded: true, bytesCut: 0, heldBytes: body.length })
    reader.release(read)
    expect(reader.heldBytes).toBe(0)
  })
}

test('what cannot be decoded is kept as it came, because a refusal would lose it', async () => {
  const { post, reader } = await startReader()
  const truncated = gzipSync(randomText(10_000)).subarray(0, 100)
  for (const [encoding, body] of [
    ['gzip', Buffer.from('{"alerts":[]}')],
    ['gzip', truncated],
    ['compress', randomText(100)],
    ['gzip, br', randomText(100)],
  ] as const) {
    const read = await post(body, { 'content-encoding': encoding })
    expect(read).toMatchObject({ isDecoded: false, bytesCut: 0, heldBytes: body.length })
    expect(Buffer.compare(read.bytes as Buffer, body)).toBe(0)
    reader.release(read)
  }
  expect(reader.heldBytes).toBe(0)
})

test('a decompression bomb is cut and costs no more memory than the limit', async () => {
  const { post, reader } = await startReader()
  const bomb = gzipSync(Buffer.alloc(300 * MIB))
  expect(bomb.length).toBeLessThan(MIB)
  const before = process.memoryUsage().rss
  const read = await post(bomb, { 'content-encoding': 'gzip' })
  expect(read.bytes.length).toBe(64 * 1024)
  expect(read.bytesCut).toBeGreaterThan(MIB)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB)
  reader.release(read)
  expect(reader.heldBytes).toBe(0)
})

test('more in flight than there is room for is told at once to come back, and room is made by releasing', async () => {
  const { reader, outcomes, post, raw } = await startReader()
  const held = [await post(randomText(2 * MIB)), await post(randomText(2 * MIB)), await post(randomText(2 * MIB))]
  raw(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${2 * MIB}\r\n\r\n`)
  await waitUntil(() => outcomes.length === 4, { why: 'the announced body is answered without being sent' })
  expect(outcomes[3]?.read).toEqual({ ok: false, reason: 'busy' })
  await expect(post(gzipSync(Buffer.alloc(MIB)), { 'content-encoding': 'gzip' })).rejects.toThrow('busy')
  for (const read of held) reader.release(read)
  expect(reader.heldBytes).toBe(0)
  reader.release(await post(randomText(2 * MIB)))
  expect(reader.heldBytes).toBe(0)
})

test('a body that ends before its length is nobody’s delivery', async () => {
  const { raw, outcomes, reader } = await startReader({ idleMs: 5_000, totalMs: 10_000 })
  const { socket } = raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"alerts"')
  await waitUntil(() => reader.heldBytes > 0, { why: 'its beginning is here' })
  socket.end()
  await waitUntil(() => outcomes.length > 0, { why: 'its end is noticed' })
  expect(outcomes[0]?.read).toEqual({ ok: false, reason: 'aborted' })
  const large = raw(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${MIB}\r\n\r\n{"alerts"`)
  await waitUntil(() => reader.heldBytes === MIB, { why: 'room for the whole is reserved' })
  large.socket.destroy()
  await waitUntil(() => outcomes.length > 1, { why: 'its end is noticed' })
  expect(reader.heldBytes).toBe(0)
})

test('a sender that falls silent, and one that drips for ever, are ended', async () => {
  const { raw, outcomes, reader } = await startReader()
  const silent = raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"alerts"')
  await waitUntil(() => outcomes.length > 0, { why: 'the silent one is ended' })
  expect(outcomes[0]?.read).toEqual({ ok: false, reason: 'too-slow' })
  await waitUntil(() => silent.answer().includes('too-slow'), { why: 'it is told' })
  const dripping = raw('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const drip = setInterval(() => dripping.socket.write('1\r\nx\r\n'), 20)
  cleanups.push(() => clearInterval(drip))
  await waitUntil(() => outcomes.length > 1, { why: 'the dripping one is ended' })
  expect(outcomes[1]?.read).toEqual({ ok: false, reason: 'too-slow' })
  expect(reader.heldBytes).toBe(0)
})

test('a body without end is cut after a multiple of the limit, and its beginning is kept', async () => {
  const { outcomes, port } = await startReader({ totalMs: 20_000, idleMs: 5_000 })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  cleanups.push(() => socket.destroy())
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
  const chunk = `${(256 * 1024).toString(16)}\r\n${'x'.repeat(256 * 1024)}\r\n`
  const pour = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', pour)
  pour()
  await waitUntil(() => outcomes.length > 0, { why: 'it is cut', timeoutMs: 15_000 })
  const read = outcomes[0]?.read as ReadBody
  expect(read).toMatchObject({ ok: true, isFinished: false, heldBytes: 64 * 1024 })
  expect(read.bytesCut).toBeGreaterThan(31 * MIB)
})
