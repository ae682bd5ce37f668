import type { Bench } from './figure.ts'

type Variants = Readonly<Record<string, () => Promise<unknown>>>
type Rounds<V extends Variants> = { readonly [K in keyof V]: readonly Awaited<ReturnType<V[K]>>[] }

/**
 * Measures every variant once per round, one after another: whatever else the machine does then falls on all of
 * them alike, and a ratio within a round means something. Answers the values of each variant in the order of rounds.
 */
export async function interleave<V extends Variants>(bench: Bench, variants: V): Promise<Rounds<V>> {
  const found = new Map<string, unknown[]>(Object.keys(variants).map((name) => [name, []]))
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const [name, measure] of Object.entries(variants)) {
      await bench.calm()
      const value = await measure()
      found.get(name)?.push(value)
      bench.say(`  round ${round}/${bench.rounds} ${name}: ${JSON.stringify(value, shortNumbers)}`)
    }
  }
  return Object.fromEntries(found) as unknown as Rounds<V>
}

function shortNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}
