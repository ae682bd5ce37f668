import type { BodyForm, LoadSpec } from './load/load-spec.ts'

/** So many alerts of so many incidents, all of them new and open. */
export interface StormShape {
  readonly alerts: number
  readonly incidents: number
}

const CONNECTIONS = 16

/** The same storm for whoever takes it: every request carries the alerts of one incident. What is not accepted within `mostMs` is not sent. */
export function createStormLoad(
  { alerts, incidents }: StormShape,
  to: { readonly form: BodyForm; readonly port: number; readonly path: string; readonly mostMs: number },
): LoadSpec {
  const { form, port, path, mostMs } = to
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
    loop: { kind: 'closed', connections: CONNECTIONS, warmUpMs: 0, durationMs: mostMs, mostRequests: incidents },
  }
}
