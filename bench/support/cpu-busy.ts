import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How busy all cores together are during the next `ms`, in percent. */
export async function busyPercent(ms: number): Promise<number> {
  const before = cpuTicks()
  await sleep(ms)
  const after = cpuTicks()
  return (100 * (after.busy - before.busy)) / Math.max(1, after.total - before.total)
}

const CALM_PERCENT = 12
const LOOK_MS = 1500

/** Waits until the machine has little else to do; gives up after `mostMs`, so that a run ends on a machine that never rests. */
export async function waitForCalm(mostMs: number): Promise<void> {
  const deadline = performance.now() + mostMs
  while (performance.now() < deadline) {
    if ((await busyPercent(LOOK_MS)) < CALM_PERCENT) return
  }
}

function cpuTicks(): { readonly busy: number; readonly total: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const ticks = first.trim().split(/\s+/).slice(1).map(Number)
  const total = ticks.reduce((sum, value) => sum + value, 0)
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { busy: total - idle, total }
}
