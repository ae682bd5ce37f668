import type { TestProject } from 'vitest/node'
import { startNats } from './run-nats.ts'

/** Starts the three NATS servers of a run once; each product in it has a stream of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const nats = await startNats(3)
  project.provide('natsUrl', nats.url)
  return async () => await nats.stop()
}
