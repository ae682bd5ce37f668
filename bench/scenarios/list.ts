import { statSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteLocation } from '../../src/store/database.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { buildHistory, type HistorySize } from '../support/build-history.ts'
import { type Bench, type Figure, percentile, type Scenario } from '../support/figure.ts'
import { type Product, startProduct } from '../support/start-product.ts'

const MILLION: HistorySize = { events: 1_000_000, alerts: 50_000, incidents: 10_000, openIncidents: 200 }
const TEN_MILLION: HistorySize = { events: 10_000_000, alerts: 500_000, incidents: 100_000, openIncidents: 200 }
const MOST_MS = 50
const LIST = '/api/v1/incidents'

/** What people ask of the inbox. */
const QUESTIONS: readonly { readonly name: string; readonly path: (found: Found) => string }[] = [
  { name: 'inbox, first page', path: () => LIST },
  { name: 'inbox, second page', path: ({ nextCursor }) => `${LIST}?cursor=${encodeURIComponent(nextCursor)}` },
  { name: 'status=active', path: () => `${LIST}?status=active` },
  { name: 'status=resolved', path: () => `${LIST}?status=resolved` },
  { name: 'service=…', path: () => `${LIST}?service=service-7` },
  { name: 'severity=critical, resolved', path: () => `${LIST}?severity=critical&status=resolved` },
  { name: 'newest first', path: () => `${LIST}?sort=-startedAt` },
  { name: 'text that many have', path: () => `${LIST}?q=Rule1` },
  { name: 'text that none has', path: () => `${LIST}?q=no-such-words` },
  { name: 'text of one', path: ({ title }) => `${LIST}?q=${encodeURIComponent(title)}` },
  { name: 'cluster and namespace', path: () => `${LIST}?cluster=cluster-1&namespace=namespace-7` },
  { name: 'counts', path: () => `${LIST}/counts` },
  { name: 'one incident', path: ({ id }) => `${LIST}/${id}` },
  { name: 'its alerts', path: ({ id }) => `${LIST}/${id}/alerts` },
]

interface Found {
  readonly id: string
  readonly title: string
  readonly nextCursor: string
}

/** How long people wait for the list when much has happened. */
export const listScenario: Scenario = {
  name: 'list',
  about: 'answers of GET /api/v1/incidents with 1 million and 10 million alert events',
  run: async (bench) => {
    const sizes = bench.isQuick ? [MILLION] : [MILLION, TEN_MILLION]
    const figures: Figure[] = []
    for (const size of sizes) figures.push(...(await listsOf(bench, size)))
    return figures
  },
}

async function listsOf(bench: Bench, size: HistorySize): Promise<readonly Figure[]> {
  using folder = makeTempFolder('bench-history')
  const label = `${size.events / 1e6} M events`
  const before = performance.now()
  await buildHistory(sqliteLocation(join(folder.path, 'nunchi.db')), size)
  const seconds = (performance.now() - before) / 1000
  const bytes = statSync(join(folder.path, 'nunchi.db')).size
  bench.say(`${label}: built in ${seconds.toFixed(0)} s, ${(bytes / 1e6).toFixed(0)} MB, ${size.incidents} incidents`)
  const product = await startProduct(bench, { dataDir: folder.path })
  try {
    const found = await look(product)
    const figures: Figure[] = []
    for (const { name, path } of QUESTIONS)
      figures.push(await measure(bench, product, { name: `${label}: ${name}`, path: path(found) }))
    return figures
  } finally {
    await product.stop()
    product.remove()
  }
}

async function look(product: Product): Promise<Found> {
  const page = (await (await fetch(product.url + LIST)).json()) as {
    items: { id: string; title: string }[]
    nextCursor: string | null
  }
  const [first] = page.items
  if (first === undefined || page.nextCursor === null)
    throw new Error(`The history is not listed: ${JSON.stringify(page).slice(0, 200)}`)
  return { ...first, nextCursor: page.nextCursor }
}

/** One after another, as one person asks; the first answers are left out, and what is kept is what a second look costs. */
async function measure(
  bench: Bench,
  product: Product,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<Figure> {
  const rounds: number[] = []
  const medians: number[] = []
  for (let round = 0; round < bench.rounds; round += 1) {
    await bench.calm()
    const times = await timesOf(product, path, bench.isQuick ? 50 : 200)
    rounds.push(percentile(times, 0.95))
    medians.push(percentile(times, 0.5))
  }
  return {
    name: `${name}, p95`,
    unit: 'ms',
    values: rounds,
    target: { below: MOST_MS },
    remark: `p50 ${percentile(medians, 0.5).toFixed(1)} ms`,
  }
}

const WARM_UP = 5

async function timesOf(product: Product, path: string, count: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let index = -WARM_UP; index < count; index += 1) {
    const before = performance.now()
    const reply = await fetch(product.url + path)
    await reply.arrayBuffer()
    if (reply.status !== 200) throw new Error(`GET ${path} answered ${reply.status}`)
    if (index >= 0) times.push(performance.now() - before)
  }
  return times
}
