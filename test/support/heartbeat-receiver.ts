import { createServer, type Server } from 'node:http'

/** Waits for heartbeats as a check of healthchecks.io does, under an address that nobody may see. */
export class HeartbeatReceiver {
  beats = 0
  /** What it answers. */
  status = 200
  readonly #server: Server

  private constructor() {
    this.#server = createServer((incoming, outgoing) => {
      incoming.resume()
      if (incoming.url !== '/canary-check') return void outgoing.writeHead(404).end()
      if (this.status === 200) this.beats++
      outgoing.writeHead(this.status).end('OK')
    })
  }

  static async start(): Promise<HeartbeatReceiver> {
    const receiver = new HeartbeatReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}/canary-check`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
