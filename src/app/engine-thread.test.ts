import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import type { EngineData } from './engine-data.ts'
import { EngineThread } from './engine-thread.ts'

/** What a thread with this program makes of an opening: why it was refused, and the deaths that were told. */
async function openWith(program: string): Promise<{ refusal: unknown; deaths: readonly string[] }> {
  const worker = new Worker(`const { parentPort: port } = require('node:worker_threads'); ${program}`, { eval: true })
  const ended = once(worker, 'exit')
  const deaths: string[] = []
  const refusal = await EngineThread.open(
    () => worker,
    {} as EngineData,
    ({ message }) => deaths.push(message),
  ).then(
    () => null,
    (error: Error) => error.message,
  )
  await ended
  return { refusal, deaths }
}

test('an engine that cannot start refuses with its reason, and is nobody who died', async () => {
  const found = await openWith(
    "port.postMessage({ event: 'failed', fault: { message: 'The database is starting', details: {} } })",
  )
  expect(found).toEqual({ refusal: 'The database is starting', deaths: [] })
})

test('an engine that ends while it should run is told as dead', async () => {
  const found = await openWith("port.postMessage({ event: 'ready' })")
  expect(found).toEqual({ refusal: null, deaths: ['The engine thread has ended'] })
})
