import { afterAll, beforeAll } from 'vitest'
import { describeDeliveryLog, describePartitions } from '../../../../test/conformance/delivery-log.ts'
import { type NatsCluster, startNats } from '../../../../test/support/run-nats.ts'
import { createNewId } from '../../../store/new-id.ts'
import { openStreamLog, openStreamReaders } from './open-stream-log.ts'
import type { StreamLocation } from './stream-location.ts'

const newId = createNewId()
let nats: NatsCluster
let lastStream = 0

beforeAll(async () => {
  nats = await startNats()
})

afterAll(async () => {
  await nats?.stop()
})

function freshLocation(partitions: number): StreamLocation {
  const servers = nats.servers.map(({ port }) => `127.0.0.1:${port}`)
  const stream = `test-${++lastStream}`
  return { kind: 'stream', servers, stream, partitions, replicas: 1, login: {}, tls: null }
}

async function open(location: StreamLocation) {
  const log = await openStreamLog(location, newId)
  const readers = await openStreamReaders(location, newId)
  return {
    log,
    readers,
    restart: async () => {
      await Promise.all([log.close(), readers.close()])
      return await open(location)
    },
  }
}

describeDeliveryLog('stream', () => open(freshLocation(1)))
describePartitions('stream', () => open(freshLocation(4)))
