import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DEFAULT_CHANNEL } from '../support/fake-slack/fake-slack.ts'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { findStaleAlerts } from '../support/find-stale-alerts.ts'
import { seededRandom } from '../support/generate-alerts.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-files.ts'
import { sendRestlessAlerts } from '../support/restless-alerts.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'

const ROUNDS = Number(process.env['NUNCHI_KILL_ROUNDS'] ?? 50)
const SEED = Number(process.env['NUNCHI_SEED'] ?? Date.now() % 1_000_000)
const LONGEST_LIFE_MS = 1_500
const GROUPS = 40

// Groups come and go so fast here that the hold-off of flapping incidents would only make the end late.
const SOURCES = [{ name: 'alertmanager', kind: 'alertmanager', lifecycle: { flap: { threshold: 1_000 } } }]

test('a product that is killed at any moment, again and again, loses nothing and tells nothing twice', async () => {
  await using slack = await startSlackProcess({ limits: 'off' })
  await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES } })
  const sender = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager`, source: 'alertmanager' })
  let isOver = false
  const load = sendRestlessAlerts(sender, { seed: SEED, groups: GROUPS, longestPauseMs: 200 }, () => isOver)
  try {
    await killAgainAndAgain(nunchi)
    isOver = true
    await load
    await assertNothingLostOrTwice({ nunchi, slack, sender })
  } catch (error) {
    throw new Error(`Failed with NUNCHI_SEED=${SEED}, NUNCHI_KILL_ROUNDS=${ROUNDS}: ${String(error)}`, { cause: error })
  } finally {
    isOver = true
    sender.stop()
    await load
  }
}, 600_000)

async function killAgainAndAgain(nunchi: RunningNunchi): Promise<void> {
  const random = seededRandom(SEED)
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(random() * LONGEST_LIFE_MS)
    await nunchi.kill9()
    await nunchi.restart()
  }
}

async function assertNothingLostOrTwice(run: {
  readonly nunchi: RunningNunchi
  readonly slack: SlackProcess
  readonly sender: RetryingSender
}): Promise<void> {
  const { nunchi, slack, sender } = run
  await assertEverythingHolds({ nunchi, slack, acked: sender.acked, timeoutMs: 120_000 })
  expect(sender.dropped).toEqual([])
  expect(findStaleAlerts(nunchi.dataDir, sender.acked)).toEqual([])
  const [{ n: incidents } = { n: 0 }] = queryMain(nunchi.dataDir, 'select count(*) as n from incident')
  const roots = (await slack.messages(DEFAULT_CHANNEL)).filter((message) => message.threadTs === undefined)
  expect(roots).toHaveLength(Number(incidents))
  // A run in which the kills met nobody would prove nothing.
  expect(sender.acked.length).toBeGreaterThan(ROUNDS * 5)
  expect(sender.retries).toBeGreaterThan(ROUNDS)
}
