import { stringify } from 'yaml'

/** What a small test configuration of Alertmanager says. */
export interface AlertmanagerPlan {
  /** Addresses of the receivers; each gets every notification. */
  readonly webhooks: readonly string[]
  readonly groupBy?: readonly string[]
  readonly groupWait?: string
  readonly groupInterval?: string
  readonly repeatInterval?: string
}

/** The configuration of an Alertmanager whose times fit into a test. */
export function alertmanagerConfig(plan: AlertmanagerPlan): string {
  const { webhooks, groupBy = ['alertname'], groupWait = '200ms', groupInterval = '1s', repeatInterval = '1s' } = plan
  return stringify({
    route: {
      receiver: 'nunchi',
      group_by: groupBy,
      group_wait: groupWait,
      group_interval: groupInterval,
      repeat_interval: repeatInterval,
    },
    receivers: [{ name: 'nunchi', webhook_configs: webhooks.map((url) => ({ url, send_resolved: true })) }],
  })
}
