import { HttpConnection } from './http-connection.ts'
import type { ClosedLoop, LoadOutcome, LoadSpec } from './load-spec.ts'
import { createRequestBytes } from './request-bytes.ts'
import { Tally } from './tally.ts'

/** Sends the next request of each connection as soon as the last one is answered: the most that the server takes. */
export async function runClosedLoop(spec: LoadSpec, loop: ClosedLoop): Promise<LoadOutcome> {
  const connections = await Promise.all(Array.from({ length: loop.connections }, () => HttpConnection.open(spec.port)))
  const startedAt = performance.now()
  const endsAt = startedAt + loop.warmUpMs + loop.durationMs
  const mostRequests = loop.mostRequests ?? Number.POSITIVE_INFINITY
  const tally = new Tally(startedAt + loop.warmUpMs)
  const run = (connection: HttpConnection): Promise<void> =>
    new Promise((resolve) => {
      const request = createRequestBytes(spec.path, spec.port, spec.alerts)
      const next = (): void => {
        const isOver = tally.sent >= mostRequests || performance.now() >= endsAt || !connection.isOpen
        if (isOver) {
          resolve()
          return
        }
        request.fill(tally.sent)
        tally.send()
        const sentAt = performance.now()
        connection.send(request.bytes, (status) => {
          tally.answer(status, sentAt)
          next()
        })
      }
      next()
    })
  await Promise.all(connections.map(run))
  for (const connection of connections) connection.close()
  return tally.outcome()
}
