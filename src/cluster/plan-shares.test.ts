import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planShares, type SharesNow } from './plan-shares.ts'

const PARTITIONS = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']

function now(nodes: readonly string[], owners: Readonly<Record<string, string>> = {}): SharesNow {
  return { partitions: PARTITIONS, nodes, owners: new Map(Object.entries(owners)) }
}

test('a node that is alone takes everything', () => {
  expect(planShares(now(['a']), 'a')).toEqual({ give: [], take: PARTITIONS, isSettled: false })
})

test('a node above its share gives back what is above it, and no more', () => {
  const all = Object.fromEntries(PARTITIONS.map((partition) => [partition, 'a']))
  expect(planShares(now(['a', 'b', 'c'], all), 'a').give).toEqual(['p3', 'p4', 'p5', 'p6', 'p7'])
  expect(planShares(now(['a', 'b', 'c'], all), 'b')).toEqual({ give: [], take: [], isSettled: false })
})

test('a node that is not counted keeps what it has and takes nothing', () => {
  expect(planShares(now(['b'], { p0: 'a' }), 'a')).toEqual({ give: [], take: [], isSettled: false })
})

test('with more nodes than partitions the youngest have none, and that is settled', () => {
  const nodes = ['a', 'b', 'c']
  const two = {
    partitions: ['p0', 'p1'],
    nodes,
    owners: new Map([
      ['p0', 'a'],
      ['p1', 'b'],
    ]),
  }
  expect(planShares(two, 'c')).toEqual({ give: [], take: [], isSettled: true })
})

test('from whatever state, nodes that act in any order end with even shares and then move nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 20 }),
      fc.infiniteStream(fc.nat()),
      (nodeCount, partitionCount, startOwners, choices) => {
        const nodes = Array.from({ length: nodeCount }, (_, i) => `n${i}`)
        const partitions = Array.from({ length: partitionCount }, (_, i) => `p${i}`)
        const owners = new Map<string, string>()
        // Owners that are no nodes have died: what they held becomes free.
        startOwners.forEach((owner, i) => {
          if (i < partitionCount && owner < nodeCount) owners.set(`p${i}`, `n${owner}`)
        })
        for (let turn = 0; turn < 40 * nodeCount; turn++) {
          const me = nodes[(choices.next().value as number) % nodeCount] as string
          act({ partitions, nodes, owners }, me)
        }
        for (let round = 0; round < 3; round++) for (const me of nodes) act({ partitions, nodes, owners }, me)
        const counts = nodes.map((node) => [...owners.values()].filter((owner) => owner === node).length)
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(partitionCount)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
        for (const me of nodes)
          expect(planShares({ partitions, nodes, owners }, me)).toEqual({ give: [], take: [], isSettled: true })
      },
    ),
    { numRuns: 200 },
  )
})

function act(state: SharesNow & { readonly owners: Map<string, string> }, me: string): void {
  const { give, take } = planShares(state, me)
  for (const partition of give) state.owners.delete(partition)
  for (const partition of take) state.owners.set(partition, me)
}
