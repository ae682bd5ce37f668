import { connectError } from './connect-fault.ts'
import type { RawConnection } from './server-connection.ts'
import type { ServerLocation } from './server-location.ts'

/**
 * Does all that a new connection needs before it is used, within the time for it; a connection that fails is ended. Throws
 * a `DatabaseError` with what is wrong and what to do.
 */
export async function connectInTime<C extends RawConnection>(
  location: ServerLocation,
  connection: C,
  work: (connection: C) => Promise<void>,
): Promise<C> {
  const { promise: silence, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(connectError(location, 'silent', new Error('The time was used up'))),
    location.connectTimeoutMs,
  )
  try {
    await Promise.race([work(connection), silence])
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
