import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** The HTTP server below a fake Slack: it can go away and come back on the same port. */
export abstract class FakeSlackServer {
  #server: Server
  #port = 0

  constructor() {
    this.#server = this.#make()
  }

  /** Answers one request; what it throws is a mistake of the fake. */
  protected abstract answer(request: IncomingMessage, response: ServerResponse): Promise<void>

  /** Takes over a connection that becomes a WebSocket. */
  protected abstract upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void

  /** Ends the connections that the HTTP server no longer knows. */
  protected abstract cutUpgraded(): void

  /** Base URL for `slackApiUrl` / SLACK_API_URL. */
  get apiUrl(): string {
    return `${this.origin}/api/`
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get port(): number {
    return this.#port
  }

  /** Starts to listen; called again after `goDown` it takes the same port. */
  async listen(port = this.#port): Promise<void> {
    if (this.#server.listening) return
    this.#server = this.#make()
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as { port: number }).port
  }

  /** Refuses connections and cuts the existing ones, until `listen`. Messages and log stay. */
  async goDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.cutUpgraded()
    this.#server.closeAllConnections()
    await closed
  }

  async close(): Promise<void> {
    await this.goDown()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #make(): Server {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        // A client that breaks off in the middle of its request is not a mistake in here; anything else is.
        if (!request.complete) return response.destroy()
        console.error('The fake Slack has a mistake:', error)
        response.writeHead(500).end(String(error))
      })
    })
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head))
    return server
  }
}
