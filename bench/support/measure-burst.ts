import type { CpuOfParts, Installation } from './installation.ts'
import type { AlertStream, ClosedLoop } from './load/load-spec.ts'
import { runLoad } from './load/run-load.ts'

export const PER_REQUEST = 10
const GROUPS = 500
const CONNECTIONS = 64
const DISTINCT = 10_000_000

/** Alerts that nobody has seen yet, from the number `first` on, all of them new. */
export function newAlerts(form: AlertStream['form'], startsAt: number, first = 0): AlertStream {
  return { form, alertsPerRequest: PER_REQUEST, distinct: DISTINCT, first, groups: GROUPS, status: 'firing', startsAt }
}

/** As fast as answers come; the rate is taken after the warm-up. */
export function asFastAsItGoes(limits: Omit<ClosedLoop, 'kind' | 'connections'>): ClosedLoop {
  return { kind: 'closed', connections: CONNECTIONS, ...limits }
}

/** What new alerts cost when they come as fast as they are accepted, until the last one has been folded. */
export interface Burst {
  readonly accepted: number
  readonly acceptedPerSecond: number
  readonly foldedPerSecond: number
  readonly ack50: number
  readonly ack99: number
  readonly cpuMsPerAlert: CpuOfParts
}

/** Sends new alerts and waits until they are part of incidents; fails when one that was accepted is not there then. */
export async function measureBurst(
  installation: Installation,
  loop: ClosedLoop,
  { startsAt = Date.now() - 60_000, first = 0 }: { readonly startsAt?: number; readonly first?: number } = {},
): Promise<Burst> {
  const alertsBefore = await installation.alerts()
  const foldedBefore = await installation.folded()
  const before = installation.cpuMs()
  const startedAt = performance.now()
  const load = await runLoad({
    port: installation.port,
    path: '/webhook/alertmanager',
    alerts: newAlerts('webhook', startsAt, first),
    loop,
  })
  const accepted = load.accepted * PER_REQUEST
  const foldedAt = await installation.untilFolded(foldedBefore + accepted)
  const after = installation.cpuMs()
  const known = (await installation.alerts()) - alertsBefore
  // A fast answer to what was not kept scores nothing.
  if (known !== accepted) throw new Error(`${accepted} alerts were accepted and ${known} are known`)
  const perAlert = (part: keyof CpuOfParts): number => (after[part] - before[part]) / accepted
  return {
    accepted,
    acceptedPerSecond: load.acceptedPerSecond * PER_REQUEST,
    foldedPerSecond: (accepted * 1000) / (foldedAt - startedAt),
    ack50: load.latencyMs.p50,
    ack99: load.latencyMs.p99,
    cpuMsPerAlert: {
      nunchi: perAlert('nunchi'),
      database: perAlert('database'),
      nats: perAlert('nats'),
      proxy: perAlert('proxy'),
    },
  }
}
