/** Who folds which partition at a moment. */
export interface SharesNow {
  /** The partitions of the log, all of them. */
  readonly partitions: readonly string[]
  /** Ids of the nodes that take work, the oldest first. */
  readonly nodes: readonly string[]
  /** The node that has a partition; one that is not here is free. */
  readonly owners: ReadonlyMap<string, string>
}

/** What one node does next. */
export interface SharePlan {
  /** Partitions above its share. */
  readonly give: readonly string[]
  /** Free partitions within its share. */
  readonly take: readonly string[]
  /** Everybody has exactly his share: nothing will change soon. */
  readonly isSettled: boolean
}

/**
 * Even shares: each node has as many partitions as any other, or one more; the oldest nodes have the ones that are left over, so that
 * a node that joins moves no more than its own share. Every node decides for itself alone, from what all of them see.
 */
export function planShares({ partitions, nodes, owners }: SharesNow, me: string): SharePlan {
  const mine = partitions.filter((partition) => owners.get(partition) === me)
  const rank = nodes.indexOf(me)
  // Who is not counted (not yet, or no more) keeps what it has for as long as it can, and takes nothing.
  if (rank === -1) return { give: [], take: [], isSettled: false }
  const quota = quotaOf(rank, nodes.length, partitions.length)
  const free = partitions.filter((partition) => !owners.has(partition))
  // Everybody begins elsewhere, so that two that look at the same moment seldom reach for the same.
  const start = Math.floor((rank * free.length) / nodes.length)
  const inMyOrder = [...free.slice(start), ...free.slice(0, start)]
  return {
    give: mine.slice(quota),
    take: inMyOrder.slice(0, Math.max(0, quota - mine.length)),
    isSettled: nodes.every((node, i) => ownedBy(node, owners) === quotaOf(i, nodes.length, partitions.length)),
  }
}

function quotaOf(rank: number, nodes: number, partitions: number): number {
  return Math.floor(partitions / nodes) + (rank < partitions % nodes ? 1 : 0)
}

function ownedBy(node: string, owners: ReadonlyMap<string, string>): number {
  let count = 0
  for (const owner of owners.values()) if (owner === node) count++
  return count
}
