import { createServer } from 'node:net'

/**
 * Finds a TCP port on 127.0.0.1 that nobody listens on right now.
 * Another program may take it before the caller does: starters retry with a new one.
 */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('The system gave no TCP port on 127.0.0.1.')
  return address.port
}
