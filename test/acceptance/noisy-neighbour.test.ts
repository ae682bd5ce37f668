import { expect, test } from 'vitest'
import { SHARE_BYTES } from '../../src/intake/fair-share.ts'
import { startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { ALERTS_EACH, flood, metricsOf, noisyBody, QuietSource } from '../support/noisy-and-quiet.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { metricValue } from '../support/read-metrics.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import { pendingWork } from '../support/settle.ts'
import { waitUntil } from '../support/wait-until.ts'

const SOURCES = [
  { name: 'noisy', kind: 'alertmanager' },
  { name: 'quiet', kind: 'alertmanager' },
]
/** Together about seven shares: what would be folded first, were it all let in at once. */
const NOISY_BODIES = 300
const CALM_ALERTS = 5
/** Loose on purpose, because a share of the machine's time is not ours: what is exact is the backlog that the quiet source finds. */
const MOST_SHARES_WAITED = 6
const MOST_TIMES_CALM = 20

test('a source that floods is told 503 and loses nothing; its neighbour is always taken and waits for the folding of a few shares at most', async () => {
  await using slack = await startSlackProcess({ limits: 'off' })
  // A digest would tell of the quiet source's alerts without naming each.
  const storm = { newIncidents: 0 }
  await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES, slack: { storm } } })
  const quiet = new QuietSource([nunchi])
  for (let i = 0; i < CALM_ALERTS; i++) await quiet.send()
  const calmMs = await quiet.waitsUntilTold(slack)

  const bodies = Array.from({ length: NOISY_BODIES }, (_, index) => noisyBody(index))
  const sizes = bodies.map((body) => Buffer.byteLength(JSON.stringify(body)))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const noisy = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager/noisy`, source: 'noisy' })
  const startedAt = Date.now()
  await flood(noisy, bodies, () => quiet.send())
  await waitUntil(async () => (await pendingWork(nunchi)).toFold === 0, {
    timeoutMs: 60_000,
    why: 'the flood is folded',
  })
  const floodMs = Date.now() - startedAt
  const noisyMs = (await quiet.waitsUntilTold(slack)).slice(CALM_ALERTS)

  expect(noisy.dropped).toEqual([])
  expect(noisy.acked).toHaveLength(NOISY_BODIES * ALERTS_EACH)
  const samples = await metricsOf(nunchi)
  const refused = (source: string) => metricValue(samples, 'nunchi_deliveries_refused_total', { source }) ?? 0
  const overShare = { source: 'noisy', reason: 'over-share' }
  expect(metricValue(samples, 'nunchi_deliveries_refused_total', overShare)).toBeGreaterThan(0)
  expect(nunchi.log.filter(({ reason }) => reason === 'over-share').map(({ source }) => source)).toContain('noisy')
  expect(refused('quiet')).toBe(0)
  expect(quiet.statuses).toEqual(quiet.statuses.map(() => 200))

  const shareMs = (floodMs * SHARE_BYTES) / bytes
  const bound = MOST_TIMES_CALM * Math.max(...calmMs) + MOST_SHARES_WAITED * shareMs
  const figures = `Alone the quiet source was told about after ${shown(calmMs)} ms; beside a flood of ${bytes} bytes, folded in ${floodMs} ms (a share in ${Math.round(shareMs)} ms) with ${refused('noisy')} refusals, after ${shown(noisyMs)} ms, having found ${Math.max(...quiet.backlogs)} bytes waiting at most.`
  console.info(figures)
  expect(noisyMs.length, figures).toBeGreaterThan(1)
  expect(Math.max(...quiet.backlogs), figures).toBeLessThanOrEqual(SHARE_BYTES + Math.max(...sizes))
  expect(Math.max(...quiet.backlogs), figures).toBeGreaterThan(SHARE_BYTES / 4)
  expect(Math.max(...noisyMs), figures).toBeLessThan(bound)
  await assertEverythingHolds({ nunchi, slack, acked: [...noisy.acked, ...quiet.acked] })
}, 120_000)

function shown(waits: readonly number[]): string {
  return waits.map(Math.round).join(', ')
}
