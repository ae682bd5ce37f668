import { connect, type Socket } from 'node:net'

/** What came back on a connection: the status of the first answer, null when there was none, and everything as text. */
export interface RawAnswer {
  readonly status: number | null
  readonly text: string
}

export interface RawOptions {
  /** When to stop waiting for an answer; the connection is cut then. */
  readonly timeoutMs?: number
  /** Ends our side after the last byte, as a sender that breaks off does. */
  readonly halfClose?: boolean
}

/** Writes bytes to a port of 127.0.0.1 as they are, HTTP or not, and reads until the answer is there. */
export async function sendRaw(port: number, bytes: string | Uint8Array, options: RawOptions = {}): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  if (options.halfClose === true) socket.end(bytes)
  else socket.write(bytes)
  return await readAnswer(socket, options.timeoutMs ?? 30_000)
}

/** Reads from an open connection until one whole answer is there, the other side ends, or the time is over. */
export async function readAnswer(socket: Socket, timeoutMs: number): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (isWhole(Buffer.concat(chunks).toString('latin1'))) done()
    })
    socket.on('error', done)
    socket.on('close', done)
  })
  socket.destroy()
  const text = Buffer.concat(chunks).toString()
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
  return { status: status === undefined ? null : Number(status), text }
}

/** The head of a POST of JSON, ready for a body of `length` bytes (or chunks when it is null). */
export function postHead(path: string, length: number | null, headers: Readonly<Record<string, string>> = {}): string {
  const framing = length === null ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...framing, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}
