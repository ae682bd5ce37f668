/** What a figure is held against: the budget of ARCHITECTURE.md's promises. */
export type Target = { readonly atLeast: number } | { readonly atMost: number } | { readonly below: number }

/** One measured quantity, with the value of every round. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
  readonly target?: Target
  /** What a reader must know to read it, for example what was sent. */
  readonly remark?: string
}

/** What every scenario is given. */
export interface Bench {
  /** Fewer rounds and smaller sizes: to see that a change runs, not to publish. */
  readonly isQuick: boolean
  readonly rounds: number
  /** Only these engines, where a scenario measures several; null = those that it measures by itself. */
  readonly engines: readonly string[] | null
  /** Only histories of so many events, where a scenario measures several. */
  readonly events: readonly number[] | null
  /** The bundled program. */
  readonly program: string
  /** Arguments of Node for the product, for example those of the profiler. */
  readonly nodeArguments: readonly string[]
  readonly say: (line: string) => void
  /** Called before each measurement: waits until other work on the machine has ended, if that is wanted. */
  readonly calm: () => Promise<void>
}

/** One question that the bench answers. */
export interface Scenario {
  readonly name: string
  readonly about: string
  readonly run: (bench: Bench) => Promise<readonly Figure[]>
}

/** Turns what every round found into figures of one subject, each picked from a round. */
export function figuresFrom<R>(subject: string, rounds: readonly R[]) {
  return (what: string, unit: string, pick: (found: R, round: number) => number, target?: Target): Figure => ({
    name: `${subject}: ${what}`,
    unit,
    values: rounds.map(pick),
    ...(target !== undefined && { target }),
  })
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** The value below which the share `p` of all values lies, interpolated; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * p
  const low = sorted[Math.floor(place)] ?? Number.NaN
  const high = sorted[Math.ceil(place)] ?? Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}

/** Whether the median keeps to the target; null without one. */
export function isMet({ values, target }: Figure): boolean | null {
  if (target === undefined) return null
  const value = median(values)
  if ('atLeast' in target) return value >= target.atLeast
  return 'atMost' in target ? value <= target.atMost : value < target.below
}
