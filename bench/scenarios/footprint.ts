import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Figure, Scenario } from '../support/figure.ts'
import { usageOf } from '../support/process-usage.ts'
import { startProduct } from '../support/start-product.ts'

const MOST_IDLE_MIB = 150
const MOST_READY_MS = 1500
const STARTS = 5
const IDLE_AFTER_MS = 10_000

/** What the product costs while nothing happens. */
export const footprintScenario: Scenario = {
  name: 'footprint',
  about: 'time from start to ready, and memory when idle',
  run: async (bench) => {
    const starts = []
    for (let start = 1; start <= STARTS; start += 1) starts.push(await startOnce(bench))
    return [
      {
        name: 'start to ready',
        unit: 'ms',
        values: starts.map(({ readyMs }) => readyMs),
        target: { below: MOST_READY_MS },
      },
      {
        name: 'idle memory (RSS)',
        unit: 'MiB',
        values: starts.map(({ idleMiB }) => idleMiB),
        target: { below: MOST_IDLE_MIB },
      },
      { name: 'CPU to start', unit: 'ms', values: starts.map(({ cpuMs }) => cpuMs) },
      { name: 'CPU while idle', unit: 'ms/s', values: starts.map(({ idleCpu }) => idleCpu) },
    ] satisfies readonly Figure[]
  },
}

async function startOnce(bench: Bench): Promise<{ readyMs: number; idleMiB: number; cpuMs: number; idleCpu: number }> {
  await bench.calm()
  const product = await startProduct(bench)
  try {
    const ready = usageOf(product.pid)
    const idleMs = bench.isQuick ? 3_000 : IDLE_AFTER_MS
    await sleep(idleMs)
    const idle = usageOf(product.pid)
    const found = {
      readyMs: product.readyAfterMs,
      idleMiB: idle.rssMiB,
      cpuMs: ready.cpuMs,
      idleCpu: ((idle.cpuMs - ready.cpuMs) * 1000) / idleMs,
    }
    bench.say(`  ready after ${found.readyMs.toFixed(0)} ms, ${found.idleMiB.toFixed(0)} MiB`)
    return found
  } finally {
    await product.stop()
    product.remove()
  }
}
