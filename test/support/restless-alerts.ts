import { setTimeout as sleep } from 'node:timers/promises'
import { makeAlert, makeWebhookBody, resolve, seededRandom, type WebhookAlert } from './generate-alerts.ts'
import type { RetryingSender } from './retrying-sender.ts'

/** How many groups come and go, and how fast. The same seed gives the same alerts and the same choices. */
export interface RestlessPlan {
  readonly seed: number
  readonly groups: number
  /** The longest pause of one group between two notifications. */
  readonly longestPauseMs: number
}

interface Group {
  readonly name: string
  readonly random: () => number
  alerts: readonly WebhookAlert[]
  episode: number
}

/**
 * Groups of one to three alerts that fire, repeat, clear and fire again, each a notification after the other as
 * Alertmanager sends them, all groups at once. Ends when `isOver` says so; a notification under way is finished first.
 */
export async function sendRestlessAlerts(
  sender: RetryingSender,
  plan: RestlessPlan,
  isOver: () => boolean,
): Promise<void> {
  const start = Date.now() - 3_600_000
  const runs = Array.from({ length: plan.groups }, async (_, index) => {
    const random = seededRandom(plan.seed * 1_000 + index)
    const group: Group = { name: `Restless${index}`, random, alerts: [], episode: 0 }
    while (!isOver()) {
      await sleep(random() * plan.longestPauseMs)
      await sender.deliver(nextBody(group, start))
    }
  })
  await Promise.all(runs)
}

function nextBody(group: Group, start: number): ReturnType<typeof makeWebhookBody> {
  const firing = group.alerts.filter((alert) => alert.status === 'firing')
  const dice = group.random()
  if (firing.length === 0) group.alerts = beginEpisode(group, start)
  else if (dice < 0.35) group.alerts = firing.map((alert) => resolve(alert, endOf(alert)))
  else if (dice < 0.5) group.alerts = firing.map((alert, i) => (i === 0 ? resolve(alert, endOf(alert)) : alert))
  else group.alerts = firing
  return makeWebhookBody(group.alerts, { groupLabels: { alertname: group.name } })
}

/** Fires anew: the same fingerprints as before, each with a later beginning. */
function beginEpisode(group: Group, start: number): readonly WebhookAlert[] {
  group.episode += 1
  const severity = ['critical', 'warning', 'info'][group.name.length % 3] ?? 'warning'
  const count = 1 + Math.floor(group.random() * 3)
  return Array.from({ length: count }, (_, index) =>
    makeAlert({
      labels: { alertname: group.name, severity, service: 'shop', cluster: 'prod', instance: `node-${index}` },
      annotations: { summary: `${group.name} is restless` },
      startsAt: new Date(start + group.episode * 1_000),
    }),
  )
}

function endOf(alert: WebhookAlert): Date {
  return new Date(Date.parse(alert.startsAt) + 500)
}
