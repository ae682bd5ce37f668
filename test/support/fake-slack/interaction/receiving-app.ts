import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { readBody } from '../read-arguments.ts'
import type { JsonObject } from '../schema-checks.ts'
import { DEFAULT_SIGNING_SECRET } from './deliveries.ts'

/** A request as an app sees it. */
export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The body's JSON, unwrapped from its form; of a command its fields. */
  readonly payload: JsonObject
  /** Whether the signature is right and the timestamp within five minutes. */
  readonly isGenuine: boolean
}

/** What an app answers; nothing means status 200 at once and an empty body. */
export interface AppAnswer {
  readonly status?: number
  readonly body?: string | object
  readonly headers?: Readonly<Record<string, string>>
  readonly afterMs?: number
}

/** A small app for the tests of the fake Slack itself: it remembers what it was told and answers as it is told. */
export class ReceivingApp {
  readonly requests: ReceivedRequest[] = []
  answer: (request: ReceivedRequest) => AppAnswer | Promise<AppAnswer> = () => ({})
  readonly #server = createServer((request, response) => {
    void this.#receive(request).then(async ({ status = 200, body = '', headers = {}, afterMs = 0 }) => {
      await sleep(afterMs)
      const type = typeof body === 'string' ? 'text/plain' : 'application/json'
      response.writeHead(status, { 'content-type': type, ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/slack`
  }

  get last(): ReceivedRequest {
    const last = this.requests.at(-1)
    if (last === undefined) throw new Error('The app was told nothing.')
    return last
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #receive(request: IncomingMessage): Promise<AppAnswer> {
    const body = await readBody(request)
    const { url: path = '', headers } = request
    const received = { path, headers, body, payload: payloadOf(body), isGenuine: isGenuine(headers, body) }
    this.requests.push(received)
    return await this.answer(received)
  }
}

function payloadOf(body: string): JsonObject {
  if (body.startsWith('{')) return JSON.parse(body) as JsonObject
  const fields = Object.fromEntries(new URLSearchParams(body))
  return fields['payload'] === undefined ? fields : (JSON.parse(fields['payload']) as JsonObject)
}

function isGenuine(headers: IncomingMessage['headers'], body: string): boolean {
  const seconds = String(headers['x-slack-request-timestamp'])
  const digest = createHmac('sha256', DEFAULT_SIGNING_SECRET).update(`v0:${seconds}:${body}`).digest('hex')
  const isFresh = Math.abs(Date.now() / 1000 - Number(seconds)) <= 300
  return isFresh && headers['x-slack-signature'] === `v0=${digest}`
}
