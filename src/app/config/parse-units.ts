const MS_BY_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
}

/** Longer would overflow what a timer or a date can hold, and nobody means it. */
const LONGEST_DURATION_MS = 100 * 365 * 86_400_000

/** What a text with a unit means, or what is wrong with it. */
export type ParsedUnits =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string }

/** Reads `90s`, `10m`, `1h30m`, `14d` as milliseconds; refuses everything else in words, a bare number included. */
export function parseDuration(text: string): ParsedUnits {
  if (text === '0') return { ok: true, value: 0 }
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return { ok: false, problem: durationProblem(text) }
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (MS_BY_UNIT[unit as string] as number)
  }
  if (total > LONGEST_DURATION_MS) return { ok: false, problem: `is \`${text}\`, which is longer than 100 years` }
  return { ok: true, value: Math.round(total) }
}

function durationProblem(text: string): string {
  if (/^-/.test(text)) return `is \`${text}\`, but a duration cannot be negative`
  if (/^\d+(?:\.\d+)?$/.test(text)) return `is \`${text}\`, which has no unit`
  return `is \`${text}\`, which is not a duration`
}

/** Reads `64MiB`, `10GiB`, `500kB`, `1024B` as bytes; refuses everything else in words, a bare number included. */
export function parseSize(text: string): ParsedUnits {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text)
  const factor = match ? BYTES_BY_UNIT[match[2] as string] : undefined
  if (!match || factor === undefined) return { ok: false, problem: sizeProblem(text) }
  const value = Math.round(Number(match[1]) * factor)
  if (!Number.isSafeInteger(value)) return { ok: false, problem: `is \`${text}\`, which is larger than any disk` }
  return { ok: true, value }
}

function sizeProblem(text: string): string {
  if (/^\d+(?:\.\d+)?$/.test(text)) return `is \`${text}\`, which has no unit`
  return `is \`${text}\`, which is not a size`
}

/** Milliseconds as a person writes them: the largest units that give whole numbers, `90s` before `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  const unit = ['d', 'h', 'm', 's'].find((name) => ms % (MS_BY_UNIT[name] as number) === 0) ?? 'ms'
  return `${ms / (MS_BY_UNIT[unit] as number)}${unit}`
}

/** Bytes as a person writes them: the largest binary unit that gives a whole number. */
export function formatSize(bytes: number): string {
  const unit = ['TiB', 'GiB', 'MiB', 'KiB'].find((name) => bytes > 0 && bytes % (BYTES_BY_UNIT[name] as number) === 0)
  return `${bytes / (BYTES_BY_UNIT[unit ?? 'B'] as number)}${unit ?? 'B'}`
}
