import { type Alertmanager, startAlertmanager } from '../../test/support/run-alertmanager.ts'

/** Nobody is notified: only what accepting costs is compared. */
export const QUIET_CONFIG = `
route: { receiver: nobody, group_by: [alertname], group_wait: 5m, group_interval: 1h, repeat_interval: 12h }
receivers: [{ name: nobody }]
`

/** Alertmanager with a receiver that tells nobody: its best case. */
export async function startQuietAlertmanager(): Promise<Alertmanager> {
  return await startAlertmanager({ config: QUIET_CONFIG, args: ['--log.level=error'] })
}
