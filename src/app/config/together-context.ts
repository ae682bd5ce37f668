import type { LenientlyParsed } from './parse-leniently.ts'
import type { Path } from './schema-paths.ts'

/** The settings as far as they could be read, and how to speak of them. */
export interface TogetherContext {
  readonly parsed: LenientlyParsed
  /** What file and environment say, readable or not. */
  readonly tree: unknown
  /** Whether file or environment say anything there, right or wrong. */
  readonly isSaid: (path: Path) => boolean
  /** The variable that said it, or null. */
  readonly variableAt: (path: Path) => string | null
  /** The variable that said it, otherwise its path in the file. */
  readonly nameOf: (path: Path) => string
  readonly placeOf: (path: Path, what: 'key' | 'value') => string
}
