import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type WebhookBody, webhookBodySchema } from '../../src/notify/channels/webhook/body-schema.ts'
import { TEST_CERTIFICATE } from './test-certificate.ts'

/** What the receiver does with a request instead of taking it. `after-reading`: it has the message, and its answer is lost. */
export type WebhookFault =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  | { readonly kind: 'hang' | 'hang-after-headers' | 'reset' | 'reset-after-reading' | 'endless-body' | 'no-http' }

export interface ReceivedWebhook {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
  readonly body: WebhookBody
}

export interface WebhookReceiver {
  readonly port: number
  readonly url: string
  /** Messages taken, each once however often it came. */
  readonly messages: readonly ReceivedWebhook[]
  /** How often something came that had been taken before. */
  readonly repetitions: number
  /** Requests of any kind, faults included. */
  readonly requests: number
  /** What was wrong with requests; a right sender leaves none. */
  readonly problems: readonly string[]
  /** The next requests meet these, in order. */
  readonly plan: (...faults: readonly WebhookFault[]) => void
  readonly openConnections: () => Promise<number>
  readonly forget: () => void
  readonly close: () => Promise<void>
}

interface ReceiverOptions {
  readonly secret?: string
  readonly path?: string
  readonly isTls?: boolean
  readonly now?: () => number
}

const TOLERANCE_S = 300

/** A receiver as `docs/webhook.md` tells people to write one: it checks all that can be checked and takes nothing else. */
export async function startWebhookReceiver(options: ReceiverOptions = {}): Promise<WebhookReceiver> {
  const { secret, path = '/hook', isTls = false, now = Date.now } = options
  let faults: WebhookFault[] = []
  let messages: ReceivedWebhook[] = []
  let problems: string[] = []
  let counts = { requests: 0, repetitions: 0 }
  const seen = new Set<string>()

  const take = (request: IncomingMessage, text: string): number => {
    const found = problemsOf(request, text, { secret, path, now })
    problems.push(...found)
    if (found.length > 0) return request.url === path ? 400 : 404
    const key = String(request.headers['idempotency-key'])
    if (seen.has(key)) counts.repetitions += 1
    else messages.push({ headers: request.headers, text, body: webhookBodySchema.parse(JSON.parse(text)) })
    seen.add(key)
    return 204
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.requests += 1
    const fault = faults.shift()
    if (fault?.kind === 'reset') return reset(request)
    const text = await textOf(request)
    if (fault === undefined) response.writeHead(take(request, text)).end()
    else {
      if (fault.kind === 'reset-after-reading') take(request, text)
      misbehave(fault, request, response)
    }
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => problems.push(String(error)))
  }
  const server = isTls ? createTlsServer(TEST_CERTIFICATE, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${isTls ? 'https' : 'http'}://127.0.0.1:${port}${path}`,
    get messages() {
      return messages
    },
    get repetitions() {
      return counts.repetitions
    },
    get requests() {
      return counts.requests
    },
    get problems() {
      return problems
    },
    plan: (...planned) => faults.push(...planned),
    openConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
      }),
    forget: () => {
      faults = []
      messages = []
      problems = []
      counts = { requests: 0, repetitions: 0 }
      seen.clear()
    },
    close: () => closed(server),
  }
}

interface Expected {
  readonly secret: string | undefined
  readonly path: string
  readonly now: () => number
}

function problemsOf(request: IncomingMessage, text: string, expected: Expected): readonly string[] {
  const { headers } = request
  const parsed = webhookBodySchema.safeParse(jsonOf(text))
  const timestamp = Number(headers['x-nunchi-timestamp'])
  const checks: readonly [isRight: boolean, problem: string][] = [
    [request.method === 'POST' && request.url === expected.path, `${request.method} ${request.url} leads nowhere`],
    [headers['content-type'] === 'application/json; charset=utf-8', 'the content type is wrong'],
    [headers['content-length'] === String(Buffer.byteLength(text)), 'the length is wrong'],
    [headers['user-agent']?.startsWith('Nunchi') === true, 'the sender has no name'],
    [Math.abs(expected.now() / 1_000 - timestamp) <= TOLERANCE_S, 'the message is too old, or of the future'],
    [parsed.success, `the body is not as promised: ${parsed.error?.message}`],
    [headers['idempotency-key'] === parsed.data?.deliveryId, 'the idempotency key is not the delivery id'],
    [headers['x-nunchi-event'] === parsed.data?.event, 'the header names another event than the body'],
    [isSigned(expected.secret, headers['x-nunchi-signature'], `v1:${timestamp}:${text}`), 'the signature is wrong'],
  ]
  return checks.filter(([isRight]) => !isRight).map(([, problem]) => problem)
}

function isSigned(secret: string | undefined, signature: unknown, signed: string): boolean {
  if (secret === undefined) return signature === undefined
  const expected = Buffer.from(`v1=${createHmac('sha256', secret).update(signed).digest('hex')}`)
  const given = Buffer.from(String(signature))
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function misbehave(fault: WebhookFault, request: IncomingMessage, response: ServerResponse): void {
  switch (fault.kind) {
    case 'answer':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '')
      return
    case 'hang':
      return
    case 'hang-after-headers':
      response.writeHead(200, { 'content-length': '10' }).flushHeaders()
      return
    case 'endless-body': {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
      return
    }
    case 'no-http':
      request.socket.end('220 mail.example.com ESMTP\r\n')
      return
    default:
      reset(request)
  }
}

function reset(request: IncomingMessage): void {
  const { socket } = request
  if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy()
  else socket.destroy()
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON is not as promised either, and the schema says so.
    return undefined
  }
}

async function closed(server: Server): Promise<void> {
  const end = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await end
}
