import type { AddressInfo } from 'node:net'
import type { InjectOptions } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendRaw } from '../../test/support/raw-http.ts'
import { openTestDoor, type TestDoor } from '../../test/support/test-door.ts'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { PROBLEMS } from './problem-catalogue.ts'

interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly errors?: readonly { path: string; message: string }[]
}

let door: TestDoor

beforeEach(async () => {
  door = await openTestDoor()
})
afterEach(async () => await door.close())

/** Sends a request and checks that the answer is the problem it should be, whole. */
async function expectProblem(code: keyof typeof PROBLEMS, request: InjectOptions): Promise<ProblemBody> {
  const reply = await door.server.inject({ ...request, headers: { host: 'localhost', ...request.headers } })
  const body = reply.json() as ProblemBody
  expect(body).toMatchObject({
    type: `urn:nunchi:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
  })
  expect(reply.statusCode).toBe(PROBLEMS[code].status)
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(reply.headers['x-request-id']).toBe(body.instance)
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:\d|Error:/)
  return body
}

const NOTE = { method: 'POST', url: '/api/v1/incidents/INC-1/note' } as const
/** Asks the clock, and brings its own request id, so that nothing before it does. */
const COUNTS = { method: 'GET', url: '/api/v1/incidents/counts', headers: { 'x-request-id': 'known' } } as const
const failing = (error: Error) => (): number => {
  throw error
}
const json = { 'content-type': 'application/json' }

describe('a request that cannot be served', () => {
  test('to a path that does not exist', async () => {
    await expectProblem('route-not-found', { method: 'GET', url: '/api/v2/incidents' })
  })

  test('with a method that the path does not take names those it takes', async () => {
    const { detail } = await expectProblem('method-not-allowed', { method: 'DELETE', url: '/api/v1/incidents/INC-1' })
    expect(detail).toContain('GET')
    const reply = await door.server.inject({ method: 'PUT', url: '/api/v1/incidents/INC-1/note' })
    expect(reply.headers.allow).toBe('POST')
  })

  test('with broken percent signs in the path', async () => {
    await expectProblem('malformed-request', { method: 'GET', url: '/api/v1/incidents/%zz' })
  })

  test('for an id that nobody ever gave out, however long', async () => {
    await expectProblem('not-found', { method: 'GET', url: '/api/v1/incidents/nope' })
    await expectProblem('not-found', { method: 'GET', url: `/api/v1/incidents/${'x'.repeat(5000)}` })
  })

  test('with a body that is not JSON', async () => {
    await expectProblem('invalid-json', { ...NOTE, headers: json, payload: '{"text": ' })
  })

  test('with a body that tries to change prototypes', async () => {
    await expectProblem('invalid-json', {
      ...NOTE,
      headers: json,
      payload: '{"__proto__": {"isAdmin": true}, "text": "x"}',
    })
  })

  test('with a body of another type', async () => {
    const { detail } = await expectProblem('unsupported-media-type', {
      ...NOTE,
      headers: { 'content-type': 'text/plain' },
      payload: '{"text":"x"}',
    })
    expect(detail).toContain('text/plain')
    await expectProblem('unsupported-media-type', {
      ...NOTE,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'text=x',
    })
  })

  test('with a body that is too large', async () => {
    await expectProblem('body-too-large', {
      ...NOTE,
      headers: json,
      payload: JSON.stringify({ text: 'x'.repeat(1024 * 1024) }),
    })
  })

  test('with wrong fields names every one of them, and what is wanted', async () => {
    const { errors } = await expectProblem('invalid-request', {
      method: 'GET',
      url: '/api/v1/incidents?limit=1000&status=open&servce=db&from=yesterday',
    })
    expect(errors?.map(({ path }) => path)).toEqual(['query.status.0', 'query.from', 'query.limit', 'query'])
    expect(JSON.stringify(errors)).toContain('acknowledged')
    expect(JSON.stringify(errors)).toContain('servce')
  })

  test('with a missing field says so', async () => {
    const { errors } = await expectProblem('invalid-request', NOTE)
    expect(errors).toEqual([{ path: 'body.text', message: 'is missing: expected string' }])
  })

  test('with a cursor that no list gave out', async () => {
    const { errors } = await expectProblem('invalid-request', { method: 'GET', url: '/api/v1/incidents?cursor=abc' })
    expect(errors?.[0]?.path).toBe('query.cursor')
  })
})

describe('a fault of ours', () => {
  test('is told without its text, and logged whole', async () => {
    const logged: string[] = []
    await door.close()
    door = await openTestDoor({
      logger: pino({ level: 'info' }, { write: (line) => logged.push(line) }),
      now: failing(new Error('the secret is xoxb-1')),
    })
    const body = await expectProblem('internal-error', COUNTS)
    expect(JSON.stringify(body)).not.toContain('xoxb')
    expect(logged).toHaveLength(1)
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({
      level: 50,
      requestId: 'known',
      route: '/api/v1/incidents/counts',
      err: { message: 'the secret is xoxb-1' },
    })
  })

  test('of the storage is 503 with the time to wait', async () => {
    await door.close()
    door = await openTestDoor({ now: failing(Object.assign(new Error('database or disk is full'), { errcode: 13 })) })
    await expectProblem('unavailable', COUNTS)
    expect(
      (await door.server.inject({ ...COUNTS, headers: { host: 'localhost', ...COUNTS.headers } })).headers[
        'retry-after'
      ],
    ).toBe('2')
  })

  test('of the delivery log is 503 too', async () => {
    await door.close()
    door = await openTestDoor({ now: failing(new LogUnavailableError('disk full')) })
    await expectProblem('unavailable', COUNTS)
  })
})

describe('every answer', () => {
  for (const url of ['/', '/api/v1/incidents', '/nowhere', '/openapi.json']) {
    test(`forbids sniffing, framing and scripts (${url})`, async () => {
      const { headers } = await door.server.inject({ url, headers: { host: 'localhost' } })
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      })
      if (url.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    })
  }

  const ids: readonly [sent: string, isKept: boolean, why: string][] = [
    ['req-1.a:b_c', true, 'a plain id'],
    ['x'.repeat(101), false, 'too long'],
    ['a b', false, 'a blank'],
    ['"}{"level":60', false, 'would forge a log line'],
  ]
  for (const [sent, isKept, why] of ids) {
    test(`${isKept ? 'carries the id of the caller' : 'gets an id of its own'} (${why})`, async () => {
      const { headers } = await door.server.inject({ url: '/', headers: { host: 'localhost', 'x-request-id': sent } })
      if (isKept) expect(headers['x-request-id']).toBe(sent)
      else expect(headers['x-request-id']).toMatch(/^[0-9A-Z]{26}$/)
    })
  }
})

describe('the root', () => {
  test('tells programs what this is', async () => {
    const { status, body } = await door.get('/')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      service: 'nunchi',
      version: '1.2.3',
      environment: 'production',
      endpoints: { incidents: '/api/v1/incidents' },
    })
  })

  test('sends browsers to the documentation', async () => {
    const { statusCode, headers } = await door.server.inject({
      url: '/',
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    })
    expect([statusCode, headers.location]).toEqual([302, '/docs'])
  })
})

describe('on the wire', () => {
  async function say(text: string): Promise<string> {
    await door.server.listen({ host: '127.0.0.1', port: 0 })
    return (await sendRaw((door.server.server.address() as AddressInfo).port, text)).text
  }

  test('what is not HTTP is answered once and cut', async () => {
    expect(await say('EHLO mail\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*\r\n[\s\S]*urn:nunchi:problem:malformed-request/)
  })

  test('headers that are too large are refused', async () => {
    expect(await say(`GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [\s\S]*urn:nunchi:problem:header-too-large/,
    )
  })

  test('two lengths for one body are refused', async () => {
    expect(
      await say(
        'POST /api/v1/api-keys HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('a connection that never finishes its headers is ended', async () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = door.server.server
    expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 75_000,
    })
  })
})
