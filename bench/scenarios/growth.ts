import { databaseLocation, sqliteLocation } from '../../src/store/database.ts'
import { makeTempFolder } from '../../test/support/temp-folder.ts'
import { buildHistory, type HistorySize } from '../support/build-history.ts'
import { chosenEngines } from '../support/chosen-engines.ts'
import { ENGINE_LABELS, type EngineName, type EngineServers, startEngine } from '../support/engine-servers.ts'
import { type Bench, type Figure, figuresFrom, median, type Scenario } from '../support/figure.ts'
import { Installation } from '../support/installation.ts'
import { answerTimes, askTimes, findIncident, LIST_QUESTIONS } from '../support/list-questions.ts'
import { asFastAsItGoes, type Burst, measureBurst, PER_REQUEST } from '../support/measure-burst.ts'
import type { Product } from '../support/start-product.ts'

const DATABASES: readonly EngineName[] = ['sqlite', 'mariadb', 'postgres']
const EVENTS = [10_000, 100_000, 1_000_000, 10_000_000] as const
const QUICK_EVENTS = [10_000, 100_000] as const
const MOST_MS = 50
const ASKED = { count: 100, mostMs: 1_000 }

/** Whether people wait longer, and whether an alert costs more, where much has happened before. */
export const growthScenario: Scenario = {
  name: 'growth',
  about:
    'histories of 10⁴ to 10⁷ alert events on each database: answers of the inbox, and what a new alert costs on top',
  run: async (bench) => {
    const figures: Figure[] = []
    for (const engine of chosenEngines(bench, DATABASES))
      for (const events of bench.events ?? (bench.isQuick ? QUICK_EVENTS : EVENTS))
        figures.push(...(await measureHistory(bench, engine, events)))
    return figures
  },
}

async function measureHistory(bench: Bench, name: EngineName, events: number): Promise<readonly Figure[]> {
  using folder = makeTempFolder('bench-history')
  const engine = await startEngine(name)
  try {
    const label = `${ENGINE_LABELS[name]}, ${readableCount(events)} events`
    const installation = await startOnHistory(bench, engine, { label, events, dataDir: folder.path })
    try {
      return [
        ...(await listFigures(bench, label, installation.nodes[0] as Product)),
        ...(await burstFigures(bench, label, installation)),
      ]
    } finally {
      await installation.stop()
      installation.remove()
    }
  } finally {
    await engine.stop()
  }
}

interface History {
  readonly label: string
  readonly events: number
  readonly dataDir: string
}

async function startOnHistory(
  bench: Bench,
  engine: EngineServers,
  { label, events, dataDir }: History,
): Promise<Installation> {
  const place = await engine.newPlace()
  const { databaseUrl } = place
  const location = databaseUrl === undefined ? sqliteLocation(`${dataDir}/nunchi.db`) : databaseLocation(databaseUrl)
  const before = performance.now()
  await buildHistory(location, sizeOf(events))
  const seconds = (performance.now() - before) / 1000
  const installation = await Installation.start(bench, engine, { place, dataDir })
  bench.say(`${label}: built in ${seconds.toFixed(0)} s, ${(installation.bytes() / 1e6).toFixed(0)} MB`)
  return installation
}

/** An incident of five alerts and a hundred events, as it is with rules that fire again and again. */
function sizeOf(events: number): HistorySize {
  return { events, alerts: events / 20, incidents: events / 100, openIncidents: Math.min(200, events / 200) }
}

function readableCount(events: number): string {
  return events >= 1_000_000 ? `${events / 1_000_000} M` : `${events / 1_000} k`
}

async function listFigures(bench: Bench, label: string, product: Product): Promise<readonly Figure[]> {
  const found = await findIncident(product)
  const figures: Figure[] = []
  for (const { name, path } of LIST_QUESTIONS) {
    const rounds = []
    for (let round = 0; round < bench.rounds; round += 1) {
      await bench.calm()
      rounds.push(answerTimes(await askTimes(product, path(found), ASKED)))
    }
    figures.push({
      name: `${label}: ${name}, p95`,
      unit: 'ms',
      values: rounds.map(({ p95 }) => p95),
      target: { below: MOST_MS },
      remark: `p50 ${median(rounds.map(({ p50 }) => p50)).toFixed(1)} ms`,
    })
  }
  return figures
}

async function burstFigures(bench: Bench, label: string, installation: Installation): Promise<readonly Figure[]> {
  const requests = bench.isQuick ? 500 : 2_000
  const loop = asFastAsItGoes({ warmUpMs: 0, durationMs: 300_000, mostRequests: requests })
  const rounds: Burst[] = []
  for (let round = 0; round < bench.rounds; round += 1) {
    await bench.calm()
    rounds.push(await measureBurst(installation, loop, { first: round * requests * PER_REQUEST }))
  }
  const figure = figuresFrom(label, rounds)
  return [
    figure('new alerts accepted', 'alerts/s', (burst) => burst.acceptedPerSecond),
    figure('new alerts folded in the burst', 'alerts/s', (burst) => burst.foldedPerSecond),
    figure('CPU of Nunchi and database', 'ms/alert', ({ cpuMsPerAlert: { nunchi, database } }) => nunchi + database),
  ]
}
