import { percentile } from './figure.ts'
import type { Product } from './start-product.ts'

const LIST = '/api/v1/incidents'
const WARM_UP = 5

/** One thing that people ask of the inbox. */
export interface ListQuestion {
  readonly name: string
  readonly path: (found: FoundIncident) => string
}

/** An incident of the first page, and where the second one begins. */
export interface FoundIncident {
  readonly id: string
  readonly title: string
  readonly nextCursor: string
}

/** What people ask of the inbox. */
export const LIST_QUESTIONS: readonly ListQuestion[] = [
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
  { name: 'charts of 24 hours', path: () => '/api/v1/stats?step=hour' },
  { name: 'charts of 30 days by service', path: () => '/api/v1/stats?step=day&groupBy=service' },
]

/** Looks at the first page; fails when there is no second one, for then nothing could be measured. */
export async function findIncident(product: Product): Promise<FoundIncident> {
  const page = (await (await fetch(product.url + LIST)).json()) as {
    items: { id: string; title: string }[]
    nextCursor: string | null
  }
  const [first] = page.items
  if (first === undefined || page.nextCursor === null)
    throw new Error(`The history is not listed: ${JSON.stringify(page).slice(0, 200)}`)
  return { ...first, nextCursor: page.nextCursor }
}

/** How often something is asked: at most `count` times, and no longer than `mostMs` once there are 40 answers. */
export interface AskLimits {
  readonly count: number
  readonly mostMs?: number
}

const LEAST_ANSWERS = 40

/** One after another, as one person asks; the first answers are left out, and what is kept is what a second look costs. */
export async function askTimes(product: Product, path: string, limits: AskLimits): Promise<readonly number[]> {
  const { count, mostMs = Number.POSITIVE_INFINITY } = limits
  const times: number[] = []
  const startedAt = performance.now()
  for (let index = -WARM_UP; index < count; index += 1) {
    const before = performance.now()
    if (times.length >= LEAST_ANSWERS && before - startedAt > mostMs) break
    const reply = await fetch(product.url + path)
    await reply.arrayBuffer()
    if (reply.status !== 200) throw new Error(`GET ${path} answered ${reply.status}`)
    if (index >= 0) times.push(performance.now() - before)
  }
  return times
}

/** The two figures of a series of answers. */
export function answerTimes(times: readonly number[]): { readonly p50: number; readonly p95: number } {
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95) }
}
