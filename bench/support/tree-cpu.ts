import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts the time of processes in hundredths of a second. */
const MS_PER_TICK = 10

interface Entry {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/**
 * The CPU time of a process and of everything that it started, those that have ended included: PostgreSQL is a process for
 * each connection, and what runs as another user may be a child of a program that only changed the user.
 */
export function treeCpuMs(root: number): number {
  const entries = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readEntry(Number(name)) : []))
  const children = Map.groupBy(entries, ({ parent }) => parent)
  let ticks = 0
  for (const waiting = entries.filter(({ pid }) => pid === root); ; ) {
    const entry = waiting.pop()
    if (entry === undefined) return ticks * MS_PER_TICK
    ticks += entry.ticks
    waiting.push(...(children.get(entry.pid) ?? []))
  }
}

function readEntry(pid: number): readonly Entry[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold blanks: fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // Its own time and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return [{ pid, parent: Number(fields[1]), ticks }]
  } catch {
    // It ended while it was looked at; its parent has its time now.
    return []
  }
}
