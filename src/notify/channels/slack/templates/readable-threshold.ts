import { groupDigits } from './stable-count.ts'

type Kind = 'percent' | 'bytes' | 'bytes-per-second' | 'seconds' | 'milliseconds' | 'count'

/** CloudWatch's units, and what people write instead. */
const KIND_OF_UNIT: Readonly<Record<string, Kind>> = {
  percent: 'percent',
  '%': 'percent',
  bytes: 'bytes',
  'bytes/second': 'bytes-per-second',
  seconds: 'seconds',
  milliseconds: 'milliseconds',
  count: 'count',
  none: 'count',
}

/** By the names of metrics of AWS, where nobody gives a unit. First that fits. */
const KIND_OF_METRIC: readonly (readonly [metric: RegExp, kind: Kind])[] = [
  [/utilization|reservation|percent|hitratio|%$/i, 'percent'],
  [/throughput$|bytespersecond/i, 'bytes-per-second'],
  [/bytes|memory|storagespace|localstorage|swapusage|diskusage/i, 'bytes'],
  [/^aurora.*lag|milliseconds/i, 'milliseconds'],
  [/latency|lag$|duration$/i, 'seconds'],
]

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A threshold for people: `80%` where the metric is a percentage, `256 MiB`, `1,000`. What is no number stays as it is. */
export function readableThreshold(threshold: string, metric: string, unit: string | undefined): string {
  const text = threshold.trim()
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return text
  const amount = Number(text)
  if (!Number.isFinite(amount)) return text
  return WORDS[kindOf(metric, unit)](amount)
}

const WORDS: Readonly<Record<Kind, (amount: number) => string>> = {
  percent: (amount) => `${plainNumber(amount)}%`,
  bytes: byteWords,
  'bytes-per-second': (amount) => `${byteWords(amount)}/s`,
  seconds: (amount) => `${plainNumber(amount)} s`,
  milliseconds: (amount) => `${plainNumber(amount)} ms`,
  count: plainNumber,
}

function kindOf(metric: string, unit: string | undefined): Kind {
  const named = KIND_OF_UNIT[unit?.trim().toLowerCase() ?? '']
  return named ?? KIND_OF_METRIC.find(([pattern]) => pattern.test(metric))?.[1] ?? 'count'
}

function byteWords(amount: number): string {
  const size = Math.abs(amount)
  const power = size < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(size) / 10))
  return `${plainNumber(amount / 1_024 ** power)} ${BYTE_UNITS[power]}`
}

/** Thousands grouped, at most two digits after the point; below one, three that count. */
function plainNumber(amount: number): string {
  if (Math.abs(amount) < 1) return String(Number(amount.toPrecision(3)))
  const [whole = '0', fraction = ''] = Math.abs(amount).toFixed(2).split('.')
  if (whole.includes('e')) return String(amount)
  const rest = fraction.replace(/0+$/, '')
  return `${amount < 0 ? '-' : ''}${groupDigits(Number(whole))}${rest === '' ? '' : `.${rest}`}`
}
