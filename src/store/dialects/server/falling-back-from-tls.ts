import { isTlsNotOffered } from './connect-fault.ts'
import type { RawConnection } from './server-connection.ts'
import type { ServerLocation } from './server-location.ts'
import { withoutTls } from './server-tls.ts'

/**
 * The function that connects: encrypted as the location says, and from then on without where the server offers no TLS and the
 * location only prefers it. Any other failure is thrown as it is.
 */
export function fallingBackFromTls(
  location: ServerLocation,
  connect: (at: ServerLocation) => Promise<RawConnection>,
): () => Promise<RawConnection> {
  let at = location
  return async () => {
    try {
      return await connect(at)
    } catch (error) {
      const plain = isTlsNotOffered(error) ? withoutTls(location) : null
      if (plain === null) throw error
      at = plain
      return await connect(at)
    }
  }
}
