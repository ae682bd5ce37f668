import { startQuietAlertmanager } from '../support/alertmanager-target.ts'
import { chosenEngines } from '../support/chosen-engines.ts'
import { ENGINE_LABELS, type EngineName, startEngine } from '../support/engine-servers.ts'
import { type Bench, type Figure, figuresFrom, type Scenario } from '../support/figure.ts'
import { Installation } from '../support/installation.ts'
import { interleave } from '../support/interleave.ts'
import type { AlertStream, ClosedLoop, LoadOutcome, OpenLoop } from '../support/load/load-spec.ts'
import { runLoad } from '../support/load/run-load.ts'
import { asFastAsItGoes, type Burst, measureBurst, newAlerts, PER_REQUEST } from '../support/measure-burst.ts'
import { usageOf } from '../support/process-usage.ts'

/** The share of the highest rate at which the time of an answer is measured. */
const CALM_SHARE = 0.5
const WARM_UP_MS = 1_500

/** What both systems answer for. */
interface Answers {
  readonly alertsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly lateness99: number
}

interface OfEngine extends Answers {
  readonly burst: Burst
  readonly bytesPerAlert: number
}

interface OfAlertmanager extends Answers {
  readonly cpuMsPerAlert: number
}

/** What a new alert takes on each engine, from the request to its incident. */
export const enginesScenario: Scenario = {
  name: 'engines',
  about:
    'new alerts, 10 a request, on each engine and log: accepted, acknowledged, folded, CPU and disk; Alertmanager beside',
  run: async (bench) => {
    const engines = chosenEngines(bench)
    const measures = Object.fromEntries(engines.map((name) => [name, () => measureEngine(bench, name)]))
    const rounds = await interleave(bench, { ...measures, alertmanager: () => measureAlertmanager(bench) })
    const found = rounds as unknown as Readonly<Record<EngineName, readonly OfEngine[]>>
    const alertmanager = rounds.alertmanager as readonly OfAlertmanager[]
    return [...engines.flatMap((name) => engineFigures(name, found[name], alertmanager)), ...rivalFigures(alertmanager)]
  },
}

async function measureEngine(bench: Bench, name: EngineName): Promise<OfEngine> {
  const engine = await startEngine(name)
  try {
    const installation = await Installation.start(bench, engine)
    try {
      const bytesBefore = installation.bytes()
      const startsAt = Date.now() - 60_000
      const burst = await measureBurst(installation, fastest(bench), { startsAt })
      const alerts = newAlerts('webhook', startsAt, burst.accepted)
      const load = await runLoad({
        port: installation.port,
        path: '/webhook/alertmanager',
        alerts,
        loop: calm(bench, burst.acceptedPerSecond),
      })
      const all = burst.accepted + load.accepted * PER_REQUEST
      await installation.untilFolded(all)
      const known = await installation.alerts()
      if (known !== all) throw new Error(`${all} alerts were accepted and ${known} are known`)
      await installation.stop()
      const bytesPerAlert = (installation.bytes() - bytesBefore) / all
      return { ...answersOf(burst.acceptedPerSecond, load), burst, bytesPerAlert }
    } finally {
      await installation.stop()
      installation.remove()
    }
  } finally {
    await engine.stop()
  }
}

async function measureAlertmanager(bench: Bench): Promise<OfAlertmanager> {
  const alertmanager = await startQuietAlertmanager()
  try {
    const send = (alerts: AlertStream, loop: ClosedLoop | OpenLoop): Promise<LoadOutcome> =>
      runLoad({ port: alertmanager.port, path: '/api/v2/alerts', alerts, loop })
    const startsAt = Date.now() - 60_000
    const before = usageOf(alertmanager.pid).cpuMs
    const most = await send(newAlerts('api-v2', startsAt), fastest(bench))
    const cpuMsPerAlert = (usageOf(alertmanager.pid).cpuMs - before) / (most.accepted * PER_REQUEST)
    const perSecond = most.acceptedPerSecond * PER_REQUEST
    const first = most.accepted * PER_REQUEST
    const load = await send(newAlerts('api-v2', startsAt, first), calm(bench, perSecond))
    return { ...answersOf(perSecond, load), cpuMsPerAlert }
  } finally {
    await alertmanager.stop()
  }
}

function fastest(bench: Bench): ClosedLoop {
  return asFastAsItGoes({ warmUpMs: WARM_UP_MS, durationMs: bench.isQuick ? 1_000 : 4_000 })
}

function calm(bench: Bench, alertsPerSecond: number): OpenLoop {
  return {
    kind: 'open',
    perSecond: (alertsPerSecond / PER_REQUEST) * CALM_SHARE,
    mostConnections: 256,
    warmUpMs: WARM_UP_MS,
    durationMs: bench.isQuick ? 1_000 : 4_000,
  }
}

function answersOf(alertsPerSecond: number, { latencyMs, lateness99Ms }: LoadOutcome): Answers {
  return { alertsPerSecond, p50: latencyMs.p50, p99: latencyMs.p99, lateness99: lateness99Ms }
}

function engineFigures(
  name: EngineName,
  rounds: readonly OfEngine[],
  alertmanager: readonly OfAlertmanager[],
): readonly Figure[] {
  const figure = figuresFrom(ENGINE_LABELS[name], rounds)
  const isServer = name !== 'sqlite'
  const hasNats = name === 'stream1' || name === 'stream3'
  return [
    figure('accepted', 'alerts/s', (of) => of.alertsPerSecond),
    figure('accepted ÷ Alertmanager', '×', (of, round) => of.alertsPerSecond / alertmanagerRate(alertmanager, round)),
    figure('ack p50 at half of that', 'ms', ({ p50 }) => p50),
    figure('ack p99 at half of that', 'ms', ({ p99 }) => p99),
    figure('generator late p99 meanwhile', 'ms', ({ lateness99 }) => lateness99),
    figure('folded in the burst', 'alerts/s', ({ burst }) => burst.foldedPerSecond),
    figure('CPU of Nunchi', 'ms/alert', ({ burst }) => burst.cpuMsPerAlert.nunchi),
    ...(isServer ? [figure('CPU of the database', 'ms/alert', ({ burst }) => burst.cpuMsPerAlert.database)] : []),
    ...(hasNats ? [figure('CPU of NATS', 'ms/alert', ({ burst }) => burst.cpuMsPerAlert.nats)] : []),
    figure('disk, all copies', 'bytes/alert', ({ bytesPerAlert }) => bytesPerAlert),
  ]
}

function alertmanagerRate(rounds: readonly OfAlertmanager[], round: number): number {
  return rounds[round]?.alertsPerSecond ?? Number.NaN
}

function rivalFigures(rounds: readonly OfAlertmanager[]): readonly Figure[] {
  const figure = figuresFrom('Alertmanager, in memory', rounds)
  return [
    figure('accepted', 'alerts/s', (of) => of.alertsPerSecond),
    figure('ack p50 at half of that', 'ms', ({ p50 }) => p50),
    figure('ack p99 at half of that', 'ms', ({ p99 }) => p99),
    figure('CPU', 'ms/alert', ({ cpuMsPerAlert }) => cpuMsPerAlert),
  ]
}
