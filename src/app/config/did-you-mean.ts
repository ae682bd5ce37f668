/** The one of `known` that `written` was most likely meant to be, or null when none is near. */
export function didYouMean(written: string, known: readonly string[]): string | null {
  const wanted = plain(written)
  const longer = known.filter((name) => plain(name).length >= 3 && wanted.startsWith(plain(name)))
  if (longer.length === 1) return longer[0] as string
  let best: { name: string; distance: number } | null = null
  for (const name of known) {
    const distance = editDistance(wanted, plain(name))
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance }
  }
  if (best === null) return null
  // One slip in a short word, a few in a long one: more than that is another word.
  return best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : null
}

/** `bot_token`, `bot-token` and `botToken` are the same word. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, '')
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(left: string, right: string): number {
  let before: number[] = []
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1]
      let cost = Math.min(at(above, column) + 1, at(current, column - 1) + 1, at(above, column - 1) + (isSame ? 0 : 1))
      const isSwap = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (isSwap && row > 1 && column > 1) cost = Math.min(cost, at(before, column - 2) + 1)
      current.push(cost)
    }
    before = above
    above = current
  }
  return at(above, right.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
