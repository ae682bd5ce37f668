import type { Bench } from './figure.ts'

/**
 * Measures every variant once per round, one after another: whatever else the machine does then falls on all of
 * them alike, and a ratio within a round means something. Answers the values of each variant in the order of rounds.
 */
export async function interleave<K extends string, V>(
  bench: Bench,
  variants: Readonly<Record<K, () => Promise<V>>>,
): Promise<Readonly<Record<K, readonly V[]>>> {
  const names = Object.keys(variants) as K[]
  const found = Object.fromEntries(names.map((name) => [name, [] as V[]])) as Record<K, V[]>
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const name of names) {
      const value = await variants[name]()
      found[name].push(value)
      bench.say(`  round ${round}/${bench.rounds} ${name}: ${JSON.stringify(value, shortNumbers)}`)
    }
  }
  return found
}

function shortNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
