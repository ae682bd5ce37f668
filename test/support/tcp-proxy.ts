import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Pass bytes on, close every connection at once, or accept and then stay silent. */
export type ProxyMode = 'forward' | 'drop' | 'half-open'
/** `up` is what the client sends, `down` is what the server behind the proxy answers. */
export type Direction = 'up' | 'down'
type Lane = { readonly socket: Socket; readonly peer: Socket | undefined; readonly direction: Direction }

/** A TCP proxy on 127.0.0.1 that breaks connections on demand, where a packet filter would need root. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #bytes = { up: 0, down: 0 }
  #mode: ProxyMode = 'forward'
  #reset: { readonly direction: Direction; left: number } | undefined
  /** Milliseconds that every chunk waits before it is passed on, in each direction. */
  delayMs = 0

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: false }, (client) => this.#accept(client))
  }

  /** Starts forwarding to `target`. */
  static async start(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host: '127.0.0.1', ...target })
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  /** Bytes seen so far, forwarded or swallowed. */
  get bytes(): Readonly<Record<Direction, number>> {
    return { ...this.#bytes }
  }

  /** Changes the behaviour for new and existing connections. */
  set mode(mode: ProxyMode) {
    this.#mode = mode
    if (mode === 'drop') for (const socket of this.#sockets) socket.destroy()
  }

  /** After `bytes` more bytes in that direction both sides get an RST; those bytes have been passed on. */
  resetAfter(direction: Direction, bytes: number): void {
    this.#reset = { direction, left: bytes }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    if (this.#mode === 'drop') return void client.destroy()
    const upstream = this.#mode === 'half-open' ? undefined : connect(this.#target)
    for (const [socket, peer, direction] of [[client, upstream, 'up'], [upstream, client, 'down']] as const) {
      if (socket === undefined) continue
      this.#sockets.add(socket)
      // Chunks of one direction wait for each other, so that a delay can neither reorder nor lose them.
      let turn = Promise.resolve()
      socket.on('data', (chunk) => {
        turn = turn.then(() => this.#pass(chunk, { socket, peer, direction }))
      })
      // Errors are the point of this proxy; the close that follows ends the other side.
      socket.on('error', () => undefined).on('close', (hadError) => {
        this.#sockets.delete(socket)
        void turn.then(() => (hadError ? peer?.destroy() : peer?.end()))
      })
    }
  }

  async #pass(chunk: Buffer, { socket, peer, direction }: Lane): Promise<void> {
    this.#bytes[direction] += chunk.length
    if (this.delayMs > 0) await sleep(this.delayMs)
    if (this.#mode === 'half-open' || peer === undefined || peer.destroyed) return
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
}
