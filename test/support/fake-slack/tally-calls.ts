import type { SlackCall } from './call-log.ts'

/** How often a method ended in a certain way. */
export interface CallTally {
  readonly method: string
  readonly channel: string | null
  /** The HTTP status; null = no answer was given, or not yet. */
  readonly status: number | null
  readonly ok: boolean
  readonly count: number
}

/** Counts requests by method, channel and how they ended: for runs whose whole log is too long to hand over. */
export function tallyCalls(calls: readonly SlackCall[]): readonly CallTally[] {
  const groups = new Map<string, { -readonly [K in keyof CallTally]: CallTally[K] }>()
  for (const { method, channel = null, outcome } of calls) {
    const status = outcome?.status ?? null
    const ok = outcome?.ok ?? false
    const key = `${method} ${channel} ${status} ${ok}`
    const known = groups.get(key)
    if (known === undefined) groups.set(key, { method, channel, status, ok, count: 1 })
    else known.count += 1
  }
  return [...groups.values()]
}
