import { connect, type Socket } from 'node:net'

/** How a request ended: the status of the answer, or 0 when the connection broke. */
export type OnAnswer = (status: number) => void

/** One keep-alive connection with at most one request under way; reads no more of an answer than it must. */
export class HttpConnection {
  readonly #socket: Socket
  #onAnswer: OnAnswer | null = null
  #received = ''
  #isOpen = true

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    // An error is followed by a close, which ends the request.
    socket.on('error', () => undefined)
    socket.on('close', () => this.#end())
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject)
        resolve(new HttpConnection(socket))
      })
      socket.once('error', reject)
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  send(bytes: Uint8Array, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer
    if (this.#isOpen) this.#socket.write(bytes)
    else this.#settle(0)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    this.#received += chunk
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd < 0 || this.#received.length < headEnd + 4 + bodyLength(this.#received, headEnd)) return
    const status = Number(this.#received.slice(9, 12))
    this.#received = ''
    this.#settle(status)
  }

  #end(): void {
    this.#isOpen = false
    this.#settle(0)
  }

  #settle(status: number): void {
    const settle = this.#onAnswer
    this.#onAnswer = null
    settle?.(status)
  }
}

/** Neither server answers these requests in chunks; one that began to would be noticed here. */
function bodyLength(received: string, headEnd: number): number {
  const head = received.slice(0, headEnd)
  if (head.startsWith('HTTP/1.1 204')) return 0
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`An answer without a length cannot be measured:\n${head}`)
  return Number(length)
}
