import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Pass bytes on, close every connection at once, or accept and then stay silent. */
export type ProxyMode = 'forward' | 'drop' | 'half-open'
type Direction = 'up' | 'down'
type Lane = { readonly socket: Socket; readonly peer: Socket | undefined; readonly direction: Direction }

/** A TCP proxy on 127.0.0.1 that breaks connections on demand, where a packet filter would need root. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => this.#accept(client))
  readonly #targetPort: number
  #mode: ProxyMode = 'forward'
  #loss: { readonly text: string; left: number } | undefined
  #reset: { readonly direction: Direction; left: number } | undefined
  /** Bytes seen so far in each direction, forwarded or swallowed. */
  readonly bytes = { up: 0, down: 0 }
  /** Milliseconds that every chunk waits before it is passed on, in each direction. */
  delayMs = 0

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
  }

  /** Starts forwarding to a port of 127.0.0.1. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Changes the behaviour for new and existing connections. */
  set mode(mode: ProxyMode) {
    this.#mode = mode
    for (const socket of mode === 'drop' ? this.#sockets : []) socket.destroy()
  }

  /** After so many more bytes from the client (`up`) or to it (`down`) are passed on, both sides get an RST. */
  resetAfter(direction: Direction, bytes: number): void {
    this.#reset = { direction, left: bytes }
  }

  /** So often a chunk of a client that ends with this text still arrives, but the connection is cut before any answer. */
  loseAnswersTo(text: string, times: number): void {
    this.#loss = { text, left: times }
  }

  /** How many answers `loseAnswersTo` has still to lose. */
  get answersToLose(): number {
    return this.#loss?.left ?? 0
  }

  async close(): Promise<void> {
    this.mode = 'drop'
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    if (this.#mode === 'drop') return void client.destroy()
    const upstream = this.#mode === 'half-open' ? undefined : connect(this.#targetPort, '127.0.0.1')
    this.#join({ socket: client, peer: upstream, direction: 'up' })
    if (upstream !== undefined) this.#join({ socket: upstream, peer: client, direction: 'down' })
  }

  #join(lane: Lane): void {
    const { socket, peer } = lane
    this.#sockets.add(socket)
    // Chunks of one direction wait for each other, so that a delay can neither reorder nor lose them.
    let turn = Promise.resolve()
    socket.on('data', (chunk) => {
      turn = turn.then(() => this.#pass(chunk, lane))
    })
    // Errors are the point of this proxy, and a close follows each of them.
    socket.on('error', () => undefined)
    socket.on('close', (hadError) => {
      this.#sockets.delete(socket)
      void turn.then(() => (hadError ? peer?.destroy() : peer?.end()))
    })
  }

  async #pass(chunk: Buffer, { socket, peer, direction }: Lane): Promise<void> {
    this.bytes[direction] += chunk.length
    if (this.delayMs > 0) await sleep(this.delayMs)
    if (this.#mode === 'half-open' || peer === undefined || peer.destroyed) return
    if (direction === 'up' && this.#takesAnswerTo(chunk)) return this.#cutAfter(chunk, socket, peer)
    const reset = this.#reset?.direction === direction ? this.#reset : undefined
    if (reset === undefined || chunk.length < reset.left) {
      if (reset !== undefined) reset.left -= chunk.length
      if (peer.write(chunk)) return
      socket.pause()
      return void peer.once('drain', () => socket.resume())
    }
    this.#reset = undefined
    await new Promise<void>((done) => peer.write(chunk.subarray(0, reset.left), () => done()))
    for (const victim of [peer, socket]) victim.resetAndDestroy()
  }

  #takesAnswerTo(chunk: Buffer): boolean {
    const loss = this.#loss
    if (loss === undefined || loss.left === 0 || !chunk.toString('latin1').endsWith(loss.text)) return false
    loss.left -= 1
    return true
  }

  /** The other side reads all of it and finds nobody to answer to. */
  #cutAfter(chunk: Buffer, client: Socket, server: Socket): void {
    server.end(chunk)
    client.resetAndDestroy()
  }
}
