import { HttpConnection } from './http-connection.ts'
import type { LoadOutcome, LoadSpec, OpenLoop } from './load-spec.ts'
import { createRequestBytes, type RequestBytes } from './request-bytes.ts'
import { Tally } from './tally.ts'

interface Line {
  readonly connection: HttpConnection
  readonly request: RequestBytes
}

/** How many connections are there from the start; the others are opened when all are in use. */
const FIRST_CONNECTIONS = 16
const TICK_MS = 1

/**
 * Sends requests at fixed times. One that finds no free connection waits, and its latency counts from when it was
 * due: a server that stalls is charged with every request that came due meanwhile.
 */
export async function runOpenLoop(spec: LoadSpec, loop: OpenLoop): Promise<LoadOutcome> {
  const lines: Line[] = []
  const free: Line[] = []
  const addLine = async (): Promise<void> => {
    const line = {
      connection: await HttpConnection.open(spec.port),
      request: createRequestBytes(spec.path, spec.port, spec.alerts),
    }
    lines.push(line)
    free.push(line)
  }
  await Promise.all(Array.from({ length: Math.min(FIRST_CONNECTIONS, loop.mostConnections) }, addLine))
  const startedAt = performance.now()
  const due = dueTimes(loop, startedAt)
  const tally = new Tally(startedAt + loop.warmUpMs)
  let opening = 0
  let answered = 0
  const sendDue = (): void => {
    const now = performance.now()
    for (let dueAt = due.at(tally.sent); dueAt <= now; dueAt = due.at(tally.sent)) {
      const line = free.pop()
      if (line === undefined) {
        openMore()
        return
      }
      line.request.fill(tally.sent)
      tally.send(performance.now() - dueAt)
      line.connection.send(line.request.bytes, (status) => {
        answered += 1
        tally.answer(status, dueAt)
        if (line.connection.isOpen) free.push(line)
        sendDue()
      })
    }
  }
  const openMore = (): void => {
    if (lines.length + opening >= loop.mostConnections) return
    opening += 1
    void addLine().finally(() => {
      opening -= 1
      sendDue()
    })
  }
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      sendDue()
      if (answered < due.count) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  for (const { connection } of lines) connection.close()
  return tally.outcome()
}

function dueTimes(
  loop: OpenLoop,
  startedAt: number,
): { readonly count: number; readonly at: (request: number) => number } {
  const planned = Math.floor(((loop.warmUpMs + loop.durationMs) / 1000) * loop.perSecond)
  const count = Math.min(planned, loop.mostRequests ?? planned)
  return {
    count,
    at: (request) => (request < count ? startedAt + (request * 1000) / loop.perSecond : Number.POSITIVE_INFINITY),
  }
}
