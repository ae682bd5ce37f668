import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => response.end('x'.repeat(100_000)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await TcpProxy.start((server.address() as { port: number }).port)
})
afterEach(async () => {
  await proxy.close()
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

async function ask(body?: string, timeoutMs = 2_000): Promise<number | string> {
  const init = { headers: { connection: 'close' }, signal: AbortSignal.timeout(timeoutMs) }
  const request = body === undefined ? init : { ...init, method: 'POST', body }
  try {
    return (await (await fetch(`http://127.0.0.1:${proxy.port}/`, request)).text()).length
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } }
    return cause?.code ?? name
  }
}

test('everything passes unchanged, in both directions', async () => {
  expect(await ask('y'.repeat(300_000))).toBe(100_000)
  expect(proxy.bytes.up).toBeGreaterThan(300_000)
  expect(proxy.bytes.down).toBeGreaterThan(100_000)
})

test('drop closes connections at once, and forward lets them through again', async () => {
  proxy.mode = 'drop'
  expect(await ask()).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  proxy.mode = 'forward'
  expect(await ask()).toBe(100_000)
})

test('half-open accepts and then says nothing', async () => {
  proxy.mode = 'half-open'
  expect(await ask(undefined, 200)).toBe('TimeoutError')
})

test('a delay is felt', async () => {
  proxy.delayMs = 150
  const before = performance.now()
  expect(await ask()).toBe(100_000)
  expect(performance.now() - before).toBeGreaterThan(290)
})

// Read by hand: HTTP clients hide how a connection ended behind what they miss.
async function receive(request: string): Promise<{ bytes: number; error: string | undefined }> {
  const socket = connect(proxy.port, '127.0.0.1', () => socket.write(request))
  let bytes = 0
  let error: string | undefined
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  socket.on('error', (failure: NodeJS.ErrnoException) => {
    error = failure.code
  })
  await new Promise((resolve) => socket.once('close', resolve))
  return { bytes, error }
}

test('a reset comes after so many bytes, once', async () => {
  const request = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
  proxy.resetAfter('down', 50_000)
  expect(await receive(request)).toEqual({ bytes: 50_000, error: 'ECONNRESET' })
  expect(await receive(request)).toMatchObject({ error: undefined })
  proxy.resetAfter('up', 10)
  expect(await receive(request)).toEqual({ bytes: 0, error: 'ECONNRESET' })
})

test('what is said arrives and its answer does not, so often as it was told', async () => {
  const heard: unknown[] = []
  server.on('request', ({ url }) => heard.push(url))
  const request = 'GET /once HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
  proxy.loseAnswersTo('close\r\n\r\n', 1)
  expect(await receive(request)).toEqual({ bytes: 0, error: 'ECONNRESET' })
  expect(proxy.answersToLose).toBe(0)
  expect(await receive(request)).toMatchObject({ error: undefined })
  expect(heard).toEqual(['/once', '/once'])
})
