import { type Figure, isMet, median, type Target } from './figure.ts'

const HEADER = ['figure', 'median', 'lowest – highest', 'target', ''] as const

/** The figures of a scenario as a table of plain text. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = [HEADER, ...figures.map(rowOf)]
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, '-'.repeat(Math.max(...lines.map((line) => line.length))))
  return lines.join('\n')
}

function rowOf(figure: Figure): readonly string[] {
  const { name, unit, values, target, remark } = figure
  const spread = values.length > 1 ? `${readable(Math.min(...values))} – ${readable(Math.max(...values))}` : ''
  const verdict = { true: 'met', false: 'MISSED', null: '' }[String(isMet(figure)) as 'true' | 'false' | 'null']
  const label = remark === undefined ? name : `${name} (${remark})`
  return [label, `${readable(median(values))} ${unit}`, spread, target === undefined ? '' : targetText(target), verdict]
}

function targetText(target: Target): string {
  if ('atLeast' in target) return `≥ ${readable(target.atLeast)}`
  return 'atMost' in target ? `≤ ${readable(target.atMost)}` : `< ${readable(target.below)}`
}

/** Three significant digits, and thousands apart. */
function readable(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')
}
