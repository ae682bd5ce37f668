import type { Labels } from '../domain/alert-event.ts'
import type { DifferingLabel } from './channel.ts'

const MOST_LABELS = 3
const MOST_VALUES = 5

/**
 * The labels in which alerts differ, the most telling first: those that every alert has and that tell most of them
 * apart. At most three, each with its most frequent values. Pure; the order of the alerts does not matter.
 */
export function differingLabels(labelSets: readonly Labels[]): readonly DifferingLabel[] {
  const countsByName = new Map<string, Map<string, number>>()
  for (const labels of labelSets)
    for (const [name, value] of Object.entries(labels)) {
      const counts = countsByName.get(name) ?? new Map<string, number>()
      countsByName.set(name, counts)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  return [...countsByName]
    .map(([name, counts]) => ({ name, counts, carriers: sum(counts) }))
    .filter(({ counts }) => counts.size > 1)
    .sort((a, b) => b.carriers - a.carriers || b.counts.size - a.counts.size || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_LABELS)
    .map(({ name, counts }) => {
      const values = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([value]) => value)
      return { name, values: values.slice(0, MOST_VALUES), more: Math.max(0, values.length - MOST_VALUES) }
    })
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0
  for (const count of counts.values()) total += count
  return total
}
