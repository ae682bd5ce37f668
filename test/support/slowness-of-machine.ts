import { availableParallelism, loadavg } from 'node:os'

/**
 * By how much promises about time are stretched where more wants to run than there are cores: 1 on a machine that is not
 * overloaded. What a test measures is the product then, and not its neighbours.
 */
export function slownessOfMachine(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())
}
