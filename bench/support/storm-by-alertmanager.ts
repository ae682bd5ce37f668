import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { DEFAULT_CHANNEL } from '../../test/support/fake-slack/fake-slack.ts'
import { type SlackProcess, startSlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import { startAlertmanager } from '../../test/support/run-alertmanager.ts'
import { runLoad } from './load/run-load.ts'
import { usageOf } from './process-usage.ts'
import { createStormLoad, type StormShape } from './storm-load.ts'

/** What a storm became in the hands of Alertmanager's own Slack notifier. */
export interface AlertmanagerStorm {
  /** Groups of which it was told; the others it did not accept in time. */
  readonly accepted: number
  /** Requests that reached Slack. */
  readonly requests: number
  /** Groups that Slack showed. */
  readonly shown: number
  /** Requests that Slack answered with 429. */
  readonly refused: number
  /** Groups that Slack did not show when the time was over. */
  readonly missing: number
  readonly seconds: number
  readonly peakMiB: number
}

const LOOK_EVERY_MS = 1_000

/**
 * Sends a storm through Debian's Alertmanager into a Slack with its limits, one group for each incident. Ends when every
 * group is shown or `mostMs` have passed since the first alert was sent: what is missing then is said, not waited for.
 */
export async function stormByAlertmanager(storm: StormShape, mostMs: number): Promise<AlertmanagerStorm> {
  const slack = await startSlackProcess({ limits: 'slack', channels: [DEFAULT_CHANNEL] })
  const alertmanager = await startAlertmanager({ config: configOf(slack.webhookUrl), args: ['--log.level=error'] })
  try {
    const startedAt = performance.now()
    const to = { form: 'api-v2', port: alertmanager.port, path: '/api/v2/alerts', mostMs } as const
    const { accepted } = await runLoad(createStormLoad(storm, to))
    for (;;) {
      const { requests, shown, refused } = await countsOf(slack)
      const elapsedMs = performance.now() - startedAt
      if (shown >= storm.incidents || elapsedMs >= mostMs)
        return {
          accepted,
          requests,
          shown,
          refused,
          missing: storm.incidents - shown,
          seconds: elapsedMs / 1000,
          peakMiB: usageOf(alertmanager.pid).peakRssMiB,
        }
      await sleep(LOOK_EVERY_MS)
    }
  } finally {
    await alertmanager.kill9()
    await slack.stop()
  }
}

async function countsOf(slack: SlackProcess): Promise<Pick<AlertmanagerStorm, 'requests' | 'shown' | 'refused'>> {
  const tally = (await slack.tally()).filter(({ method }) => method === 'webhook')
  const count = (isCounted: (one: (typeof tally)[number]) => boolean): number =>
    tally.filter(isCounted).reduce((sum, one) => sum + one.count, 0)
  return {
    requests: count(() => true),
    shown: count(({ ok }) => ok),
    refused: count(({ status }) => status === 429),
  }
}

/** Its best case: it begins at once, and what Slack refused is tried again every minute instead of every five. */
function configOf(webhookUrl: string): string {
  return stringify({
    route: {
      receiver: 'slack',
      group_by: ['alertname'],
      group_wait: '1s',
      group_interval: '1m',
      repeat_interval: '12h',
    },
    receivers: [{ name: 'slack', slack_configs: [{ api_url: webhookUrl, channel: '#alerts', send_resolved: true }] }],
  })
}
