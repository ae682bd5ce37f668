import { describe, expect, test } from 'vitest'
import { CRASH_POINTS, type CrashPointName } from '../../src/store/crash-point.ts'
import { countDeliveries } from '../support/delivery-log-state.ts'
import { DEFAULT_CHANNEL, DEFAULT_TOKEN, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, resolve, type WebhookAlert } from '../support/generate-alerts.ts'
import { InProcessNunchi } from '../support/in-process-nunchi.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { seenMessages } from '../support/seen-messages.ts'
import { waitUntilQuiet } from '../support/settle.ts'
import { waitUntil } from '../support/wait-until.ts'

/** What is durable at each point, and therefore what may happen after the restart. */
const MEANING: Readonly<Record<CrashPointName, string>> = {
  after_log_append: 'the delivery is stored and its sender does not know: it sends it again, which changes nothing',
  before_fold_commit: 'neither the effects nor the position are stored: the delivery is folded anew',
  after_fold_commit: 'effects, position and jobs are stored together: nothing is folded twice',
  after_claim: 'a dead holder keeps the job until its lease ends, then it is done by another',
  before_post: 'the row says "posting" and Slack knows nothing: looked up, then posted',
  after_post_before_ts: 'Slack shows it and the row does not know its ts: looked up and adopted, not posted again',
  after_ts_before_job_end: 'the ts is stored and the job is not ended: it finds nothing left to say',
}

for (const point of CRASH_POINTS) {
  // At once, because most of the time they wait for a lease to end.
  describe.concurrent(`killed at ${point}: ${MEANING[point]}`, () => {
    test('the first notice of an alert is told exactly once', async () => {
      await using slack = await startFakeSlack({ limits: 'off' })
      await using nunchi = await startNunchiWithSlack(slack, { env: { CRASH_AT: point } })
      const sender = senderTo(nunchi)
      const alert = alertNamed('FirstNotice')
      await dieAndComeBack(nunchi, sender.deliver(makeWebhookBody([alert])))
      await waitUntilTold({ nunchi, slack }, 1)
      await sender.deliver(makeWebhookBody([resolve(alert, new Date())]))
      await waitUntilTold({ nunchi, slack }, 2)
      await assertOneThread({ nunchi, slack }, sender)
    }, 180_000)

    test('the resolution of an alert is told exactly once', async () => {
      await using slack = await startFakeSlack({ limits: 'off' })
      await using nunchi = await startNunchiWithSlack(slack)
      const sender = senderTo(nunchi)
      const alert = alertNamed('LastNotice')
      await sender.deliver(makeWebhookBody([alert]))
      await waitUntilTold({ nunchi, slack }, 1)
      // Otherwise the end of the first job would be what dies.
      await waitUntilQuiet(nunchi)
      await nunchi.restart({ env: { CRASH_AT: point } })
      await dieAndComeBack(nunchi, sender.deliver(makeWebhookBody([resolve(alert, new Date())])))
      await waitUntilTold({ nunchi, slack }, 2)
      await assertOneThread({ nunchi, slack }, sender)
    }, 180_000)
  })
}

test('a body whose sender saw no answer is stored twice and counts once', async () => {
  await using slack = await startFakeSlack({ limits: 'off' })
  await using nunchi = await startNunchiWithSlack(slack, { env: { CRASH_AT: 'after_log_append' } })
  const sender = senderTo(nunchi)
  await dieAndComeBack(nunchi, sender.deliver(makeWebhookBody([alertNamed('Again')])))
  await waitUntilTold({ nunchi, slack }, 1)
  await assertEverythingHolds({ nunchi, slack, acked: sender.acked })
  expect(await countDeliveries(nunchi)).toBe(2)
  expect(await queryMain(nunchi, 'select occurrences from alert')).toEqual([{ occurrences: 1 }])
}, 60_000)

test('a message that got lost and is owed no more leaves nothing under way', async () => {
  await using slack = await startFakeSlack({ limits: 'off' })
  const bot = { apiUrl: slack.apiUrl, token: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL }
  await using nunchi = await InProcessNunchi.start({ slack: bot })
  const alert = alertNamed('BackAgain')
  await nunchi.tell(makeWebhookBody([alert]))
  slack.addFault({ fault: { kind: 'down' }, method: 'chat.postMessage', times: 1 })
  await nunchi.tell(makeWebhookBody([resolve(alert, new Date())]))
  await nunchi.tell(makeWebhookBody([{ ...alert, startsAt: new Date(Date.now() + 1_000).toISOString() }]))
  await nunchi.advance(30_000)
  await nunchi.assertInvariants({ messages: seenMessages(slack.messages(DEFAULT_CHANNEL)) })
  expect(slack.messages(DEFAULT_CHANNEL)).toHaveLength(1)
})

interface Run {
  readonly nunchi: RunningNunchi
  readonly slack: FakeSlack
}

function senderTo(nunchi: RunningNunchi): RetryingSender {
  return new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager`, source: 'alertmanager' })
}

function alertNamed(name: string): WebhookAlert {
  const labels = { alertname: name, severity: 'critical', service: 'shop', cluster: 'prod', instance: 'node-1' }
  return makeAlert({ labels, annotations: { summary: `${name} happened` }, startsAt: new Date() })
}

/** Waits until the product has killed itself, starts it without the crash point, and lets the sender finish. */
async function dieAndComeBack(nunchi: RunningNunchi, delivery: Promise<boolean>): Promise<void> {
  const end = await nunchi.ended
  expect(end.signal).toBe('SIGKILL')
  await nunchi.restart({ env: { CRASH_AT: '' } })
  expect(await delivery).toBe(true)
}

/** A lease of 15 seconds may have to end first. */
async function waitUntilTold({ nunchi, slack }: Run, messages: number): Promise<void> {
  const describe = () => `${slack.describe()}\n${nunchi.logTail(20)}`
  const isTold = () => slack.messages(DEFAULT_CHANNEL).length >= messages
  await waitUntil(isTold, { timeoutMs: 60_000, why: `${messages} message(s) are told`, describe })
}

async function assertOneThread({ nunchi, slack }: Run, sender: RetryingSender): Promise<void> {
  await assertEverythingHolds({ nunchi, slack, acked: sender.acked })
  const roots = slack.roots(DEFAULT_CHANNEL)
  expect(roots).toHaveLength(1)
  expect(slack.replies(DEFAULT_CHANNEL, roots[0]?.ts ?? '')).toHaveLength(1)
  expect(slack.posts()).toHaveLength(2)
  expect(await queryMain(nunchi, 'select alert_count, status_rank from incident')).toEqual([
    { alert_count: 1, status_rank: 2 },
  ])
}
