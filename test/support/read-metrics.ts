/** One sample of a Prometheus text. */
export interface MetricSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g

/** Reads a Prometheus text strictly: throws on what a scraper would refuse (a bad line, a family described twice, a double series). */
export function readMetrics(text: string): readonly MetricSample[] {
  const samples: MetricSample[] = []
  const seen = new Set<string>()
  const once = (what: string): void => {
    if (seen.has(what)) throw new Error(`Twice in the metrics: ${what}`)
    seen.add(what)
  }
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (line.startsWith('#')) {
      once(line.split(' ').slice(0, 3).join(' '))
      continue
    }
    const match = SAMPLE.exec(line)
    if (!match) throw new Error(`Not a sample: ${line}`)
    once(line.slice(0, line.lastIndexOf(' ')))
    const labels = Object.fromEntries([...(match[2] ?? '').matchAll(LABEL)].map(([, name, value]) => [name, value]))
    samples.push({ name: match[1] as string, labels, value: Number(match[3]) })
  }
  return samples
}

/** The sum of the samples of a metric that have these labels; undefined when there are none. */
export function metricValue(
  samples: readonly MetricSample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}
