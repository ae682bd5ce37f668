import type { Driver } from 'kysely'
import type { RawConnection, ServerConnection } from './server-connection.ts'
import type { ServerLocation } from './server-location.ts'
import { ServerPool } from './server-pool.ts'

/** Loads the driver of an engine and gives the function that connects with it. */
export type LoadConnect = (location: ServerLocation) => Promise<() => Promise<RawConnection>>

/** Kysely's way to a database server, over a pool of this thread. The engine's own driver is loaded with the first statement. */
export class ServerDriver implements Driver {
  readonly #location: ServerLocation
  readonly #load: LoadConnect
  #pool: ServerPool | null = null

  constructor(location: ServerLocation, load: LoadConnect) {
    this.#location = location
    this.#load = load
  }

  async init(): Promise<void> {
    this.#pool = new ServerPool(this.#location, await this.#load(this.#location))
  }

  async acquireConnection(): Promise<ServerConnection> {
    return await (this.#pool as ServerPool).acquire()
  }

  async beginTransaction(connection: ServerConnection): Promise<void> {
    await connection.begin()
  }

  async commitTransaction(connection: ServerConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: ServerConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: ServerConnection): Promise<void> {
    ;(this.#pool as ServerPool).release(connection)
  }

  async destroy(): Promise<void> {
    await this.#pool?.end()
  }
}
