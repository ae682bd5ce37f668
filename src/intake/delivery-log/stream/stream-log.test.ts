import { afterAll, beforeAll } from 'vitest'
import { describeDeliveryLog, describePartitions } from '../../../../test/conformance/delivery-log.ts'
import { type NatsCluster, startNats } from '../../../../test/support/run-nats.ts'
import { freshStreamLocation, openStreamUnderTest } from '../../../../test/support/stream-log-rig.ts'

let nats: NatsCluster

beforeAll(async () => {
  nats = await startNats()
})

afterAll(async () => {
  await nats?.stop()
})

describeDeliveryLog('stream', () => openStreamUnderTest(freshStreamLocation(nats.servers)))
describePartitions('stream', () => openStreamUnderTest(freshStreamLocation(nats.servers, { partitions: 4 })))
