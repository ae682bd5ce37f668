import type { BodyForm, LoadSpec } from './load/load-spec.ts'

/** So many alerts of so many incidents, all of them new and open. */
export interface StormShape {
  readonly alerts: number
  readonly incidents: number
}

const CONNECTIONS = 16
const MOST_MS = 300_000

/** The same storm for whoever takes it: every request carries the alerts of one incident. */
export function createStormLoad(
  { alerts, incidents }: StormShape,
  to: { readonly form: BodyForm; readonly port: number; readonly path: string },
): LoadSpec {
  const { form, port, path } = to
  return {
    port,
    path,
    alerts: {
      form,
      alertsPerRequest: alerts / incidents,
      distinct: alerts,
      groups: incidents,
      status: 'firing',
      startsAt: Date.now() - 60_000,
    },
    loop: { kind: 'closed', connections: CONNECTIONS, warmUpMs: 0, durationMs: MOST_MS, mostRequests: incidents },
  }
}
