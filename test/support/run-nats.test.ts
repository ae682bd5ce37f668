import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { describeNeeding } from './missing-packages.ts'
import { startNats } from './run-nats.ts'

describeNeeding('nats-server')('private NATS servers', () => {
  test('keep a stream on all of them while one is dead', async () => {
    await using cluster = await startNats(3)
    const connection = await connect({ servers: cluster.url.split(',') })
    const manager = await jetstreamManager(connection)
    await manager.streams.add({ name: 'kept', subjects: ['kept'], num_replicas: 3 })
    await jetstream(connection).publish('kept', '7')
    await cluster.servers[0]?.kill9()
    await cluster.restart()
    expect(await manager.streams.info('kept')).toMatchObject({ state: { messages: 1 } })
    await connection.close()
  }, 60_000)
})
