import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DEFAULT_CHANNEL, type FakeSlack } from '../support/fake-slack/fake-slack.ts'
import type { Fault } from '../support/fake-slack/faults.ts'
import { seededRandom } from '../support/generate-alerts.ts'
import { InteractiveProduct } from '../support/interactive-product.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { sendRestlessAlerts } from '../support/restless-alerts.ts'
import { RetryingSender } from '../support/retrying-sender.ts'

/** `NUNCHI_SLACK_CHAOS_SECONDS=300 npm test -- test/chaos/slack-random` is the long run. */
const SECONDS = Number(process.env['NUNCHI_SLACK_CHAOS_SECONDS'] ?? 40)
const SEED = Number(process.env['NUNCHI_SEED'] ?? Date.now() % 1_000_000)
const GROUPS = 30
const LONGEST_PAUSE_MS = 250
/** Troubles are short, so that the waits between tries stay short and the end is soon reached. */
const LONGEST_TROUBLE_MS = 2_500

const FAULTS: readonly Fault[] = [
  { kind: 'rate-limited', retryAfter: 1 },
  { kind: 'rate-limited' },
  { kind: 'rate-limited', retryAfter: 'soon' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503, body: 'upstream connect error' },
  { kind: 'html' },
  { kind: 'error', error: 'internal_error' },
  { kind: 'error', error: 'fatal_error', stores: true },
  { kind: 'error', error: 'ratelimited' },
  { kind: 'error', error: 'msg_blocks_too_long' },
  { kind: 'error', error: 'invalid_blocks' },
  { kind: 'hang', ms: 1_500 },
  { kind: 'accept-then-drop' },
  { kind: 'slow-body', ms: 800 },
  { kind: 'down' },
]
const FORM_ERRORS = new Set(['msg_blocks_too_long', 'invalid_blocks'])
const METHODS = ['chat.postMessage', 'chat.update', undefined] as const
const CLICKS = ['acknowledge', 'resolve', 'assign-me', 'reopen', 'silence'] as const

test(
  `whatever Slack, people and kill -9 do for ${SECONDS} seconds: nothing lost, no root twice, the truth in the end`,
  async () => {
    const product = await InteractiveProduct.start({
      config: {
        slack: { storm: { newIncidents: 15, per: '30s', quiet: '10s' } },
        sources: [{ name: 'alertmanager', kind: 'alertmanager', lifecycle: { flap: { threshold: 1_000 } } }],
      },
    })
    const { nunchi, slack } = product
    const sender = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager`, source: 'alertmanager' })
    let isOver = false
    const plan = { seed: SEED, groups: GROUPS, longestPauseMs: LONGEST_PAUSE_MS }
    const load = sendRestlessAlerts(sender, plan, () => isOver)
    const done: Record<string, number> = {}
    try {
      await makeTrouble(product, done)
      isOver = true
      await load
      slack.clearFaults()
      slack.archive(DEFAULT_CHANNEL, false)
      await assertEverythingHolds({ nunchi, slack, acked: sender.acked, timeoutMs: 420_000 })
      expect(sender.dropped).toEqual([])
      expect(slack.posts().length).toBeGreaterThan(20)
    } catch (error) {
      throw new Error(`Failed with NUNCHI_SEED=${SEED} after ${JSON.stringify(done)}: ${String(error)}`, {
        cause: error,
      })
    } finally {
      isOver = true
      sender.stop()
      await load
      await nunchi.stop()
      await slack.close()
    }
  },
  SECONDS * 1_000 + 600_000,
)

type Done = Record<string, number>

async function makeTrouble(product: InteractiveProduct, done: Done): Promise<void> {
  const random = seededRandom(SEED)
  const end = Date.now() + SECONDS * 1_000
  while (Date.now() < end) {
    const name = await troubleOf(product, random)
    done[name] = (done[name] ?? 0) + 1
    await sleep(random() * 400)
  }
}

/** One thing that goes wrong, or that a person does; answers what it was. */
async function troubleOf(product: InteractiveProduct, random: () => number): Promise<string> {
  const { nunchi, slack } = product
  const dice = random()
  if (dice < 0.4) return await planFault(slack, random)
  if (dice < 0.75) return await click(product, random)
  if (dice < 0.82) return deleteARoot(slack, random)
  // A refusal that a person must repair is asked about once a minute: a short run would see nothing else.
  if (dice < 0.86 && SECONDS >= 120) {
    slack.archive(DEFAULT_CHANNEL)
    await sleep(random() * LONGEST_TROUBLE_MS)
    slack.archive(DEFAULT_CHANNEL, false)
    return 'archived'
  }
  if (dice < 0.9) {
    await nunchi.kill9()
    await nunchi.restart()
    return 'killed'
  }
  await sleep(random() * 1_000)
  return 'calm'
}

async function planFault(slack: FakeSlack, random: () => number): Promise<string> {
  const fault = pick(FAULTS, random)
  const method = pick(METHODS, random)
  // Refused in every form, a message rightly waits for a person: that is not what is tried here.
  const isAboutForm = fault.kind === 'error' && FORM_ERRORS.has(fault.error)
  if (isAboutForm) slack.clearFaults()
  const times = isAboutForm ? 1 : 1 + Math.floor(random() * 4)
  const undo = slack.addFault({ fault, ...(method === undefined ? {} : { method }), times })
  if (random() < 0.5) {
    await sleep(random() * LONGEST_TROUBLE_MS)
    undo()
  }
  return fault.kind
}

/** A person clicks a button of some root that is there. What is not shown there (any more) cannot be clicked. */
async function click({ slack }: InteractiveProduct, random: () => number): Promise<string> {
  const roots = slack.roots(DEFAULT_CHANNEL)
  if (roots.length === 0) return 'nothing to click'
  const name = pick(CLICKS, random)
  const place = { channel: DEFAULT_CHANNEL, ts: pick(roots, random).ts, actionId: `nunchi:${name}` }
  try {
    await slack.person('U0FAKEUSER').click(name === 'silence' ? { ...place, selectedOption: 'until-resolved' } : place)
    return name
  } catch {
    // The message shows no such button now: a person would not have clicked it.
    return 'no such button'
  }
}

function deleteARoot(slack: FakeSlack, random: () => number): string {
  const roots = slack.roots(DEFAULT_CHANNEL)
  if (roots.length === 0) return 'nothing to delete'
  slack.deleteMessage(DEFAULT_CHANNEL, pick(roots, random).ts)
  return 'deleted a root'
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}
