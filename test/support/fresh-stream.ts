import { randomUUID } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { StreamLocation } from '../../src/intake/delivery-log/stream/stream-location.ts'
import { testSize } from './test-size.ts'

/** A delivery log of one test on the NATS servers of the run. */
export interface FreshStream {
  /** As NATS_URL has it. */
  readonly url: string
  /** What the names of its streams begin with. */
  readonly name: string
  readonly partitions: number
  /** Removes what was made of it. */
  readonly drop: () => Promise<void>
}

/** As many as the nodes of most tests, so that each has one. */
const PARTITIONS = 3
const REPLICAS = 3

/** Names a delivery log on the NATS servers of this run, which a product makes; null where the size has none. */
export async function nameFreshStream(): Promise<FreshStream | null> {
  if (testSize() !== 'cluster') return null
  // Only here, because benchmarks use this without the test runner.
  const { inject } = await import('vitest')
  const url = inject('natsUrl')
  const name = `test-${randomUUID()}`
  return { url, name, partitions: PARTITIONS, drop: () => removeStreams(url, name) }
}

/** How a product is told of it. */
export function streamEnv({ url, name, partitions }: FreshStream): Readonly<Record<string, string>> {
  return { NATS_URL: url, NUNCHI_LOG_STREAM: name, NUNCHI_LOG_PARTITIONS: String(partitions) }
}

/** How a part of the product that is opened by a test is told of it. */
export function streamLocation({ url, name, partitions }: FreshStream): StreamLocation {
  return {
    kind: 'stream',
    servers: url.split(',').map((one) => new URL(one).host),
    stream: name,
    partitions,
    replicas: REPLICAS,
    login: { user: null, password: null, token: null, credentialsFile: null },
    tls: null,
  }
}

/** Removes the streams whose names begin so. */
export async function removeStreams(url: string, prefix: string): Promise<void> {
  const connection = await connect({ servers: url.split(',') })
  try {
    const manager = await jetstreamManager(connection)
    const names = await manager.streams.names().next()
    for (const name of names.filter((one) => one.startsWith(`${prefix}_`))) await manager.streams.delete(name)
  } finally {
    await connection.close()
  }
}
