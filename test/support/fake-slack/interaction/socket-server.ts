import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { APP } from '../api-method.ts'
import { parseObject } from '../parse-object.ts'
import { isObject, type JsonObject } from '../schema-checks.ts'
import type { Answer, DeliveryKind, Outgoing } from './delivery.ts'

/** Why Slack tells a client that its connection ends. */
export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets'

const MAX_CONNECTIONS = 10
const PING_EVERY_MS = 10_000
// Slack leaves a client about that long to go by itself.
const GRACE_MS = 10_000

interface Pending {
  readonly socket: WebSocket
  readonly mayAnswer: boolean
  readonly resolve: (answer: Answer) => void
}

/** The WebSocket side of Socket Mode: each envelope goes to one connection, which must acknowledge it. */
export class SocketServer {
  /** What clients sent that no client should send. */
  readonly problems: string[] = []
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #tickets = new Set<string>()
  readonly #sockets: WebSocket[] = []
  readonly #pending = new Map<string, Pending>()
  #turn = 0

  /** An address that one connection can be opened with, once. */
  issueUrl(origin: string): string {
    const ticket = randomBytes(16).toString('hex')
    this.#tickets.add(ticket)
    return `${origin.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${APP.appId}`
  }

  /** How many connections are open. */
  get count(): number {
    return this.#sockets.length
  }

  /** Takes a connection whose ticket is good; refuses every other. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    if (pathname !== '/link/' || !this.#tickets.delete(searchParams.get('ticket') ?? '')) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#welcome(opened))
  }

  /** Sends something to one of the connections, in turn, and waits for the acknowledgement. */
  async send(outgoing: Outgoing, timeoutMs: number): Promise<Answer> {
    const socket = this.#sockets[this.#turn++ % Math.max(1, this.#sockets.length)]
    if (socket === undefined) return { kind: 'unreachable', reason: 'the app has no connection open' }
    const id = randomUUID()
    const envelope = envelopeOf(outgoing)
    return await new Promise((resolve) => {
      const settle = (answer: Answer) => {
        clearTimeout(timer)
        this.#pending.delete(id)
        resolve(answer)
      }
      const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs)
      const mayAnswer = envelope['accepts_response_payload'] === true
      this.#pending.set(id, { socket, mayAnswer, resolve: settle })
      socket.send(JSON.stringify({ envelope_id: id, ...envelope }))
    })
  }

  /** Tells every connection that it ends; those that do not go by themselves are cut after a while. */
  disconnect(reason: DisconnectReason): void {
    for (const socket of this.#sockets) sendDisconnect(socket, reason)
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate()
  }

  #welcome(socket: WebSocket): void {
    if (this.#sockets.length >= MAX_CONNECTIONS) return void sendDisconnect(socket, 'too_many_websockets')
    this.#sockets.push(socket)
    const ping = setInterval(() => socket.ping('Ping from fake Slack'), PING_EVERY_MS)
    ping.unref()
    socket.on('close', () => {
      clearInterval(ping)
      this.#sockets.splice(this.#sockets.indexOf(socket), 1)
    })
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => this.#receive(socket, String(data)))
    const debug = { host: 'fake', build_number: 1, approximate_connection_time: 18_060 }
    const info = { connection_info: { app_id: APP.appId }, debug_info: debug, num_connections: this.count }
    socket.send(JSON.stringify({ type: 'hello', ...info }))
  }

  #receive(socket: WebSocket, text: string): void {
    const frame = parseObject(text)
    const pending = this.#pending.get(String(frame?.['envelope_id']))
    if (frame === undefined || pending === undefined) {
      this.problems.push(`acknowledges nothing that is waiting: ${text.slice(0, 200)}`)
      return
    }
    if (pending.socket !== socket) {
      this.problems.push('acknowledges on another connection than the one that was told')
      return
    }
    const payload = isObject(frame['payload']) ? frame['payload'] : {}
    const isEmpty = Object.keys(payload).length === 0
    if (!isEmpty && !pending.mayAnswer) this.problems.push(`answers what takes no answer: ${text.slice(0, 200)}`)
    const answer = isEmpty ? '' : JSON.stringify(payload)
    pending.resolve({ kind: 'answered', status: 200, type: 'application/json', text: answer })
  }
}

function envelopeOf({ kind, payload, retry }: Outgoing): JsonObject {
  const type = typeOf(kind)
  const attempts =
    type === 'events_api'
      ? { retry_attempt: retry?.num ?? 0, retry_reason: retry?.reason.replace('http_', '') ?? '' }
      : {}
  return { payload, type, accepts_response_payload: kind === 'view_submission' || kind === 'command', ...attempts }
}

function typeOf(kind: DeliveryKind): string {
  if (kind === 'command') return 'slash_commands'
  return kind === 'event' ? 'events_api' : 'interactive'
}

function sendDisconnect(socket: WebSocket, reason: DisconnectReason): void {
  socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake' } }))
  setTimeout(() => socket.close(), GRACE_MS).unref()
}
