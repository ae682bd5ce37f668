import { ChaosStage, type StageKind } from '../../test/support/chaos-stage.ts'
import { killOneAlertmanager, type PairLoss } from '../support/alertmanager-pair.ts'
import { chosenEngines } from '../support/chosen-engines.ts'
import { type Disturbance, disturbStage, PER_SECOND } from '../support/disturb-stage.ts'
import { ENGINE_LABELS, type EngineName } from '../support/engine-servers.ts'
import { type Bench, type Figure, figuresFrom, type Scenario, type Target } from '../support/figure.ts'

const STAGES = { mariadb: 'mariadb', postgres: 'postgres', stream3: 'jetstream' } as const satisfies Partial<
  Record<EngineName, StageKind>
>
type StagedEngine = keyof typeof STAGES

/** What is done to three nodes, and what the time that it answers means. */
interface Deed {
  readonly name: string
  readonly took: string
  readonly target?: Target
  readonly act: (stage: ChaosStage, round: number) => Promise<number>
}

const NODE_DEEDS: readonly Deed[] = [
  {
    name: 'kill -9 of a node',
    took: 'its partitions are with others',
    target: { below: 15_000 },
    act: async (stage, round) => {
      const before = performance.now()
      await nodeOf(stage, round).kill9()
      await untilOthersHaveAll(stage, round)
      return performance.now() - before
    },
  },
  {
    name: 'SIGTERM of a node',
    took: 'its partitions are with others',
    target: { below: 2_000 },
    act: async (stage, round) => {
      const before = performance.now()
      const end = nodeOf(stage, round).term(60_000)
      await untilOthersHaveAll(stage, round)
      const handedOverAt = performance.now()
      await end
      return handedOverAt - before
    },
  },
  {
    name: 'kill -9 and restart of the database',
    took: 'it is away',
    act: async ({ database }) => {
      const before = performance.now()
      await database.crash(() => 0)
      return performance.now() - before
    },
  },
]

const NATS_DEED: Deed = {
  name: 'kill -9 of one of three NATS servers',
  took: 'it is gone',
  act: async ({ nats }, round) => {
    const before = performance.now()
    await nats?.servers[round % 3]?.kill9()
    return performance.now() - before
  },
}

/** What senders and people notice when something dies. */
export const failoverScenario: Scenario = {
  name: 'failover',
  about: `3 nodes behind the load balancer of deploy/, ${PER_SECOND} alerts/s: a node, the database or a NATS server dies`,
  run: async (bench) => {
    const figures: Figure[] = []
    for (const engine of chosenEngines(bench, Object.keys(STAGES) as StagedEngine[]))
      figures.push(...(await measureStage(bench, engine as StagedEngine)))
    const pairs: PairLoss[] = []
    for (let round = 0; round < bench.rounds; round += 1) pairs.push(await killOneAlertmanager())
    return [...figures, ...pairFigures(pairs)]
  },
}

async function measureStage(bench: Bench, engine: StagedEngine): Promise<readonly Figure[]> {
  await using stage = await ChaosStage.start(STAGES[engine])
  const figures: Figure[] = []
  for (const deed of engine === 'stream3' ? [...NODE_DEEDS, NATS_DEED] : NODE_DEEDS) {
    const rounds: Disturbance[] = []
    for (let round = 0; round < bench.rounds; round += 1) {
      await bench.calm()
      const found = await disturbStage(stage, () => deed.act(stage, round))
      bench.say(`  ${engine}, ${deed.name}, round ${round + 1}/${bench.rounds}: ${JSON.stringify(found, rounded)}`)
      rounds.push(found)
    }
    figures.push(...figuresOf(`${ENGINE_LABELS[engine]}, ${deed.name}`, deed, rounds))
  }
  return figures
}

function nodeOf(stage: ChaosStage, round: number): ChaosStage['cluster']['nodes'][number] {
  return stage.cluster.node(round % stage.cluster.nodes.length)
}

async function untilOthersHaveAll(stage: ChaosStage, round: number): Promise<void> {
  const gone = nodeOf(stage, round)
  const others = stage.cluster.nodes.filter((node) => node !== gone)
  await stage.cluster.untilShared(others, 60_000)
}

function figuresOf(name: string, { took, target }: Deed, rounds: readonly Disturbance[]): readonly Figure[] {
  const figure = figuresFrom(name, rounds)
  return [
    figure(took, 'ms', ({ took }) => took, target),
    figure('nothing accepted for', 'ms', ({ gap }) => gap),
    figure('slowest answer', 'ms', ({ slowestAnswer }) => slowestAnswer),
    figure('requests without a 2xx', '', ({ refused }) => refused),
    figure('from the first to the last of them', 'ms', ({ refusedFor }) => refusedFor),
    figure('slowest from answer to incident', 'ms', ({ slowestFold }) => slowestFold),
  ]
}

function pairFigures(rounds: readonly PairLoss[]): readonly Figure[] {
  const figure = figuresFrom('Alertmanager × 2 behind a load balancer, kill -9 of one', rounds)
  return [
    figure('nothing accepted for', 'ms', ({ gap }) => gap),
    figure('requests without a 2xx', '', ({ refused }) => refused),
    figure('accepted, unknown to the other', 'alerts', ({ unknown }) => unknown),
  ]
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value
}
