/** Why a delivery was not stored. Closed list: it is a metric label. */
export const REFUSALS = [
  'not-authenticated',
  'not-allowed-here',
  'no-such-source',
  'over-share',
  'busy',
  'aborted',
  'too-slow',
  'log-unavailable',
] as const
export type Refusal = (typeof REFUSALS)[number]

export interface DeliveryCount {
  stored: number
  readonly refused: Map<Refusal, number>
}

/** Stands for every name that is not configured: what strangers write into the path must not become a label. */
export const UNKNOWN_SOURCE = '(unknown)'

/**
 * Counts what came of each delivery since the start of this process. Plain numbers, because it happens with every
 * request; a delivery counts once, when its fate is known, so that received = stored + refused at any moment.
 */
export class DeliveryCounts {
  readonly #bySource = new Map<string, DeliveryCount>()

  constructor(sources: readonly string[] = []) {
    for (const source of sources) this.#of(source)
  }

  stored(source: string): void {
    this.#of(source).stored++
  }

  refused(source: string, reason: Refusal): void {
    const { refused } = this.#of(source)
    refused.set(reason, (refused.get(reason) ?? 0) + 1)
  }

  all(): ReadonlyMap<string, Readonly<DeliveryCount>> {
    return this.#bySource
  }

  #of(source: string): DeliveryCount {
    let count = this.#bySource.get(source)
    if (!count) {
      count = { stored: 0, refused: new Map() }
      this.#bySource.set(source, count)
    }
    return count
  }
}

/** Everything that arrived and whose fate is known. */
export function receivedOf({ stored, refused }: Readonly<DeliveryCount>): number {
  let received = stored
  for (const count of refused.values()) received += count
  return received
}
