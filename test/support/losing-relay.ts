import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** Stands between a sender and the product, and loses what it is told to lose: the sender hears that all is well. */
export class LosingRelay {
  /** Which bodies are lost. */
  loses: (body: string) => boolean = () => false
  readonly lost: string[] = []
  readonly passed: string[] = []
  readonly #target: string
  readonly #server: Server

  private constructor(targetPort: number) {
    this.#target = `http://127.0.0.1:${targetPort}`
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing))
  }

  static async start(targetPort: number): Promise<LosingRelay> {
    const relay = new LosingRelay(targetPort)
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>)).toString()
    if (this.loses(body)) {
      this.lost.push(body)
      outgoing.writeHead(200).end()
      return
    }
    const headers = { 'content-type': incoming.headers['content-type'] ?? '' }
    const answer = await fetch(this.#target + incoming.url, { method: 'POST', headers, body })
    this.passed.push(body)
    outgoing.writeHead(answer.status).end(await answer.text())
  }
}
