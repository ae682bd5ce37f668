import { chosenEngines } from '../support/chosen-engines.ts'
import { ENGINE_LABELS, type EngineName, startEngine } from '../support/engine-servers.ts'
import { type Bench, type Figure, figuresFrom, type Scenario } from '../support/figure.ts'
import { Installation } from '../support/installation.ts'
import { interleave } from '../support/interleave.ts'
import { asFastAsItGoes, type Burst, measureBurst } from '../support/measure-burst.ts'

const COUNTS = [1, 2, 3] as const
const NODE_ENGINES: readonly EngineName[] = ['postgres', 'stream3']

/** What more nodes cost. Where all of them share the cores of one machine the rate cannot grow: the CPU per alert is the figure. */
export const nodesScenario: Scenario = {
  name: 'nodes',
  about: '1, 2 and 3 nodes behind the load balancer of deploy/: how the CPU of everything per alert grows',
  run: async (bench) => {
    const variants = chosenEngines(bench, NODE_ENGINES).flatMap((engine) => COUNTS.map((nodes) => ({ engine, nodes })))
    const nameOf = ({ engine, nodes }: Variant): string =>
      `${ENGINE_LABELS[engine]}, ${nodes} node${nodes > 1 ? 's' : ''}`
    const measures = variants.map((variant) => [nameOf(variant), () => measureNodes(bench, variant)] as const)
    const rounds = await interleave(bench, Object.fromEntries(measures))
    return variants.flatMap((variant) => figuresOf(nameOf(variant), rounds[nameOf(variant)] ?? []))
  },
}

interface Variant {
  readonly engine: EngineName
  readonly nodes: number
}

async function measureNodes(bench: Bench, { engine: name, nodes }: Variant): Promise<Burst> {
  const engine = await startEngine(name)
  try {
    const installation = await Installation.start(bench, engine, { nodes, isProxied: true })
    try {
      const durationMs = bench.isQuick ? 1_000 : 3_000
      return await measureBurst(installation, asFastAsItGoes({ warmUpMs: 1_500, durationMs }))
    } finally {
      await installation.stop()
      installation.remove()
    }
  } finally {
    await engine.stop()
  }
}

function figuresOf(name: string, rounds: readonly Burst[]): readonly Figure[] {
  const figure = figuresFrom(name, rounds)
  return [
    figure('accepted', 'alerts/s', (burst) => burst.acceptedPerSecond),
    figure('folded in the burst', 'alerts/s', (burst) => burst.foldedPerSecond),
    figure('CPU of the nodes', 'ms/alert', ({ cpuMsPerAlert }) => cpuMsPerAlert.nunchi),
    figure(
      'CPU of everything',
      'ms/alert',
      ({ cpuMsPerAlert: { nunchi, database, nats, proxy } }) => nunchi + database + nats + proxy,
    ),
  ]
}
