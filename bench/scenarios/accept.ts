import { startQuietAlertmanager } from '../support/alertmanager-target.ts'
import type { Bench, Figure, Scenario } from '../support/figure.ts'
import { median } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import type { AlertStream, ClosedLoop, LoadOutcome, OpenLoop } from '../support/load/load-spec.ts'
import { runLoad } from '../support/load/run-load.ts'
import { logStateOf } from '../support/log-state.ts'
import { folderBytes, usageOf } from '../support/process-usage.ts'
import { startProduct } from '../support/start-product.ts'

const SIZES = [1, 10, 100] as const
const CONNECTIONS = 64
const DISTINCT_ALERTS = 50_000
const GROUPS = 500
/** The share of the highest rate at which the time of an answer is measured. */
const CALM_SHARE = 0.5
const LEAST_RATIO = 1.5

interface Accepted {
  readonly alertsPerSecond: number
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly lateness99: number
  readonly cpuMsPerAlert: number
  readonly bytesPerAlert: number
}

type Loop = ClosedLoop | OpenLoop

/** How fast Nunchi answers "it is on disk", beside Alertmanager's "it is in memory". */
export const acceptScenario: Scenario = {
  name: 'accept',
  about: 'durable accepts of Nunchi beside in-memory accepts of Alertmanager, 1, 10 and 100 alerts per request',
  run: async (bench) => {
    const figures: Figure[] = []
    for (const size of SIZES) figures.push(...(await acceptOf(bench, size)))
    return figures
  },
}

async function acceptOf(bench: Bench, size: number): Promise<readonly Figure[]> {
  const durationMs = bench.isQuick ? 2_000 : 6_000
  const closed: Loop = { kind: 'closed', connections: CONNECTIONS, warmUpMs: 1_500, durationMs }
  bench.say(`${size} per request, as fast as it goes`)
  const most = await interleave(bench, {
    nunchi: () => acceptByNunchi(bench, size, closed),
    alertmanager: () => acceptByAlertmanager(size, closed),
  })
  const open = (rates: readonly Accepted[]): Loop => {
    const perSecond = median(rates.map(({ requestsPerSecond }) => requestsPerSecond)) * CALM_SHARE
    return { kind: 'open', perSecond, mostConnections: 256, warmUpMs: 1_500, durationMs }
  }
  bench.say(`${size} per request, at half of that rate`)
  const calm = await interleave(bench, {
    nunchi: () => acceptByNunchi(bench, size, open(most.nunchi)),
    alertmanager: () => acceptByAlertmanager(size, open(most.alertmanager)),
  })
  return [...rateFigures(size, most), ...calmFigures(size, calm)]
}

type BySystem = Readonly<Record<'nunchi' | 'alertmanager', readonly Accepted[]>>

function rateFigures(size: number, { nunchi, alertmanager }: BySystem): readonly Figure[] {
  const ratio = nunchi.map(
    ({ alertsPerSecond }, round) => alertsPerSecond / (alertmanager[round]?.alertsPerSecond ?? Number.NaN),
  )
  const figure = (name: string, unit: string, values: readonly number[]): Figure => ({
    name: `${size}/request: ${name}`,
    unit,
    values,
  })
  return [
    figure(
      'Nunchi, on disk',
      'alerts/s',
      nunchi.map((value) => value.alertsPerSecond),
    ),
    figure(
      'Alertmanager, in memory',
      'alerts/s',
      alertmanager.map((value) => value.alertsPerSecond),
    ),
    { ...figure('Nunchi ÷ Alertmanager', '×', ratio), ...(size === 10 ? { target: { atLeast: LEAST_RATIO } } : {}) },
    figure(
      'Nunchi CPU, folding included',
      'ms/alert',
      nunchi.map((value) => value.cpuMsPerAlert),
    ),
    figure(
      'Alertmanager CPU',
      'ms/alert',
      alertmanager.map((value) => value.cpuMsPerAlert),
    ),
    figure(
      'Nunchi disk',
      'bytes/alert',
      nunchi.map((value) => value.bytesPerAlert),
    ),
  ]
}

function calmFigures(size: number, { nunchi, alertmanager }: BySystem): readonly Figure[] {
  const figure = (name: string, values: readonly number[]): Figure => ({
    name: `${size}/request at half rate: ${name}`,
    unit: 'ms',
    values,
  })
  return [
    figure(
      'Nunchi ack p50',
      nunchi.map(({ p50 }) => p50),
    ),
    figure(
      'Nunchi ack p99',
      nunchi.map(({ p99 }) => p99),
    ),
    figure(
      'Alertmanager ack p50',
      alertmanager.map(({ p50 }) => p50),
    ),
    figure(
      'Alertmanager ack p99',
      alertmanager.map(({ p99 }) => p99),
    ),
    figure(
      'generator late p99',
      [...nunchi, ...alertmanager].map(({ lateness99 }) => lateness99),
    ),
  ]
}

async function acceptByNunchi(bench: Bench, size: number, loop: Loop): Promise<Accepted> {
  const product = await startProduct(bench)
  try {
    const before = usageOf(product.pid)
    const load = await runLoad({
      port: product.port,
      path: '/webhook/alertmanager',
      alerts: streamOf(size, 'webhook'),
      loop,
    })
    const { stored } = logStateOf(product.dataDir)
    // A fast answer that was not kept scores nothing.
    if (stored < load.accepted) throw new Error(`Nunchi answered ${load.accepted} requests and stored ${stored}`)
    const cpuMs = usageOf(product.pid).cpuMs - before.cpuMs
    return acceptedOf(size, load, { cpuMs, bytes: folderBytes(product.dataDir) })
  } finally {
    await product.stop()
    product.remove()
  }
}

async function acceptByAlertmanager(size: number, loop: Loop): Promise<Accepted> {
  const alertmanager = await startQuietAlertmanager()
  try {
    const before = usageOf(alertmanager.pid)
    const load = await runLoad({
      port: alertmanager.port,
      path: '/api/v2/alerts',
      alerts: streamOf(size, 'api-v2'),
      loop,
    })
    return acceptedOf(size, load, { cpuMs: usageOf(alertmanager.pid).cpuMs - before.cpuMs, bytes: 0 })
  } finally {
    await alertmanager.stop()
  }
}

function streamOf(size: number, form: AlertStream['form']): AlertStream {
  return {
    form,
    alertsPerRequest: size,
    distinct: DISTINCT_ALERTS,
    groups: GROUPS,
    status: 'firing',
    startsAt: Date.now() - 60_000,
  }
}

function acceptedOf(
  size: number,
  load: LoadOutcome,
  cost: { readonly cpuMs: number; readonly bytes: number },
): Accepted {
  const alerts = load.accepted * size
  return {
    alertsPerSecond: load.acceptedPerSecond * size,
    requestsPerSecond: load.acceptedPerSecond,
    p50: load.latencyMs.p50,
    p99: load.latencyMs.p99,
    lateness99: load.lateness99Ms,
    cpuMsPerAlert: cost.cpuMs / alerts,
    bytesPerAlert: cost.bytes / alerts,
  }
}
