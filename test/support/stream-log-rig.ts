import { onTestFinished } from 'vitest'
import type { DeliveryLog, DeliveryReaders } from '../../src/intake/delivery-log/delivery-log.ts'
import { openStreamLog, openStreamReaders } from '../../src/intake/delivery-log/stream/open-stream-log.ts'
import type { StreamLocation } from '../../src/intake/delivery-log/stream/stream-location.ts'
import { createNewId } from '../../src/store/new-id.ts'
import type { DeliveryLogUnderTest } from '../conformance/delivery-log.ts'

const newId = createNewId()
let lastStream = 0

/** A log that is not there yet, on servers at these ports of 127.0.0.1. */
export function freshStreamLocation(
  servers: readonly { readonly port: number }[],
  facts: Partial<StreamLocation> = {},
): StreamLocation {
  return {
    kind: 'stream',
    servers: servers.map(({ port }) => `127.0.0.1:${port}`),
    stream: `test-${++lastStream}`,
    partitions: 1,
    replicas: 1,
    login: { user: null, password: null, token: null, credentialsFile: null },
    tls: null,
    ...facts,
  }
}

/** Opens a log until the test ends. */
export async function openStreamForTest(location: StreamLocation): Promise<DeliveryLog> {
  const log = await openStreamLog(location, newId)
  onTestFinished(() => log.close())
  return log
}

/** Opens its readers until the test ends. */
export async function openReadersForTest(location: StreamLocation): Promise<DeliveryReaders> {
  const readers = await openStreamReaders(location, newId)
  onTestFinished(() => readers.close())
  return readers
}

/** A log and its readers, which can be opened again. */
export async function openStreamUnderTest(location: StreamLocation): Promise<DeliveryLogUnderTest> {
  const log = await openStreamForTest(location)
  const readers = await openReadersForTest(location)
  return {
    log,
    readers,
    restart: async () => {
      await Promise.all([log.close(), readers.close()])
      return await openStreamUnderTest(location)
    },
  }
}
