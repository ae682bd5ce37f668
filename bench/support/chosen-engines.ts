import { ENGINES, type EngineName } from './engine-servers.ts'
import type { Bench } from './figure.ts'

/** The engines that a scenario measures: those that were asked for, of those that it can. Throws when none is left. */
export function chosenEngines(bench: Bench, possible: readonly EngineName[] = ENGINES): readonly EngineName[] {
  const { engines } = bench
  const chosen = engines === null ? possible : possible.filter((name) => engines.includes(name))
  if (chosen.length === 0) throw new Error(`--engines names none of ${possible.join(', ')}: ${String(engines)}`)
  return chosen
}
