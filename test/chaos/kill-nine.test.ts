import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { countLoggedAlerts } from '../support/count-logged-alerts.ts'
import { DEFAULT_CHANNEL } from '../support/fake-slack/fake-slack.ts'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { findStaleAlerts } from '../support/find-stale-alerts.ts'
import { seededRandom } from '../support/generate-alerts.ts'
import { generateHugeGroup } from '../support/generate-storms.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { sendRestlessAlerts } from '../support/restless-alerts.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { waitUntil } from '../support/wait-until.ts'

const ROUNDS = Number(process.env['NUNCHI_KILL_ROUNDS'] ?? 50)
const SEED = Number(process.env['NUNCHI_SEED'] ?? Date.now() % 1_000_000)
const LONGEST_LIFE_MS = 1_500
const GROUPS = 40
const KILLED_WHILE_STARTING = 0.2
const LOST_ANSWERS = 0.3
const LOST_ANSWER = { fault: { kind: 'accept-then-drop' }, method: 'chat.postMessage', times: 1 } as const

// Groups come and go so fast here that the hold-off of flapping incidents would only make the end late.
const SOURCES = [{ name: 'alertmanager', kind: 'alertmanager', lifecycle: { flap: { threshold: 1_000 } } }]

test(
  'a product that is killed at any moment, again and again, loses nothing and tells nothing twice',
  async () => {
    await using slack = await startSlackProcess({ limits: 'off' })
    await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES } })
    const sender = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager`, source: 'alertmanager' })
    let isOver = false
    const load = sendRestlessAlerts(sender, { seed: SEED, groups: GROUPS, longestPauseMs: 200 }, () => isOver)
    try {
      await killAgainAndAgain(nunchi, slack)
      isOver = true
      await load
      await assertNothingLostOrTwice({ nunchi, slack, sender })
    } catch (error) {
      throw new Error(`Failed with NUNCHI_SEED=${SEED}, NUNCHI_KILL_ROUNDS=${ROUNDS}: ${String(error)}`, {
        cause: error,
      })
    } finally {
      isOver = true
      sender.stop()
      await load
    }
  },
  240_000 + ROUNDS * 10_000,
)

test('a delivery of many thousand alerts that is killed in the middle of its slices counts each alert once', async () => {
  const alerts = 30_000
  const random = seededRandom(SEED)
  await using slack = await startSlackProcess({ limits: 'off' })
  await using nunchi = await startNunchiWithSlack(slack, { config: { sources: SOURCES } })
  const body = [...generateHugeGroup({ seed: SEED, alerts })].join('')
  expect((await nunchi.post('/webhook/alertmanager', body)).status).toBe(200)
  const folded = async () =>
    Number((await queryMain(nunchi, 'select coalesce(sum(events_read), 0) as n from source_ledger'))[0]?.['n'])
  let kills = 0
  while ((await folded()) < alerts) {
    await sleep(random() * 400)
    if ((await folded()) === alerts) break
    await nunchi.kill9()
    kills += 1
    await nunchi.restart()
    // Something must come of each life, however slow the machine is.
    const before = await folded()
    const goesOn = async (): Promise<boolean> => {
      const now = await folded()
      return now > before || now === alerts
    }
    await waitUntil(goesOn, { timeoutMs: 60_000, why: 'folding goes on' })
  }
  const why = `NUNCHI_SEED=${SEED}, ${kills} kills`
  await assertEverythingHolds({ nunchi, slack, timeoutMs: 120_000 })
  expect(await folded(), why).toBe(alerts)
  expect(await queryMain(nunchi, 'select count(*) as n from alert_event'), why).toEqual([{ n: alerts }])
  expect(await queryMain(nunchi, 'select sum(alert_count) as n from incident'), why).toEqual([{ n: alerts }])
  expect(kills, why).toBeGreaterThan(0)
}, 300_000)

async function killAgainAndAgain(nunchi: RunningNunchi, slack: SlackProcess): Promise<void> {
  const random = seededRandom(SEED)
  for (let round = 0; round < ROUNDS; round += 1) {
    // Slack is no better than the rest: now and then it takes a message and the answer gets lost.
    if (random() < LOST_ANSWERS) await slack.addFault(LOST_ANSWER)
    await sleep(random() * LONGEST_LIFE_MS)
    await nunchi.kill9()
    if (random() < KILLED_WHILE_STARTING) await killWhileStarting(nunchi, random() * LONGEST_LIFE_MS)
    await nunchi.restart()
  }
}

async function killWhileStarting(nunchi: RunningNunchi, afterMs: number): Promise<void> {
  // It may come up in time or die first; either way the next start must find everything in order.
  const start = nunchi.restart().catch(() => undefined)
  await sleep(afterMs)
  await nunchi.kill9()
  await start
}

async function assertNothingLostOrTwice(run: {
  readonly nunchi: RunningNunchi
  readonly slack: SlackProcess
  readonly sender: RetryingSender
}): Promise<void> {
  const { nunchi, slack, sender } = run
  await assertEverythingHolds({ nunchi, slack, acked: sender.acked, timeoutMs: 120_000 })
  expect(sender.dropped).toEqual([])
  expect(await findStaleAlerts(nunchi, sender.acked)).toEqual([])
  const read = await queryMain(nunchi, 'select sum(events_read) as n from source_ledger')
  expect(read).toEqual([{ n: await countLoggedAlerts(nunchi) }])
  const [{ n: incidents } = { n: 0 }] = await queryMain(nunchi, 'select count(*) as n from incident')
  const roots = (await slack.messages(DEFAULT_CHANNEL)).filter((message) => message.threadTs === undefined)
  expect(roots).toHaveLength(Number(incidents))
  // A run in which the kills met nobody would prove nothing.
  expect(sender.acked.length).toBeGreaterThan(ROUNDS * 5)
  expect(sender.retries).toBeGreaterThan(ROUNDS)
}
