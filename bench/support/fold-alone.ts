import { InProcessNunchi } from '../../test/support/in-process-nunchi.ts'
import type { AlertStream } from './load/load-spec.ts'
import { createRequestBytes } from './load/request-bytes.ts'

const PER_REQUEST = 10
const GROUPS = 500

/** Folds new, repeated and resolved alerts in this thread, HTTP and jobs left out; answers alerts per second of each. */
export async function foldAlone(
  alerts: number,
): Promise<{ readonly new: number; readonly repeated: number; readonly resolved: number }> {
  await using nunchi = await InProcessNunchi.start()
  const startsAt = nunchi.now - 60_000
  const fold = async (status: AlertStream['status']): Promise<number> => {
    await receiveAll(nunchi, {
      form: 'webhook',
      alertsPerRequest: PER_REQUEST,
      distinct: alerts,
      groups: GROUPS,
      status,
      startsAt,
    })
    const before = performance.now()
    await nunchi.engine.consumers.drain()
    return (alerts * 1000) / (performance.now() - before)
  }
  const firing = await fold('firing')
  // Later than the precision of "last seen", so that repetitions cost what they cost in a real interval.
  nunchi.now += 60_000
  const repeated = await fold('firing')
  nunchi.now += 60_000
  return { new: firing, repeated, resolved: await fold('resolved') }
}

async function receiveAll(nunchi: InProcessNunchi, stream: AlertStream): Promise<void> {
  const request = createRequestBytes('/', 0, stream)
  const bodyStart = request.bytes.indexOf('\r\n\r\n') + 4
  const received: Promise<number>[] = []
  for (let index = 0; index < stream.distinct / PER_REQUEST; index += 1) {
    request.fill(index)
    received.push(nunchi.receive(request.bytes.subarray(bodyStart)))
  }
  await Promise.all(received)
}
