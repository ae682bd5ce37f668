import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { acceptScenario } from './scenarios/accept.ts'
import { alertmanagerStormScenario } from './scenarios/alertmanager-storm.ts'
import { enginesScenario } from './scenarios/engines.ts'
import { failoverScenario } from './scenarios/failover.ts'
import { foldScenario } from './scenarios/fold.ts'
import { footprintScenario } from './scenarios/footprint.ts'
import { growthScenario } from './scenarios/growth.ts'
import { nodesScenario } from './scenarios/nodes.ts'
import { plansScenario } from './scenarios/plans.ts'
import { slackScenario } from './scenarios/slack.ts'
import { slackClicksScenario } from './scenarios/slack-clicks.ts'
import { slackHeadOfLineScenario } from './scenarios/slack-head-of-line.ts'
import { slackLifeScenario } from './scenarios/slack-life.ts'
import { slackStormScenario } from './scenarios/slack-storm.ts'
import { buildProgram } from './support/build-program.ts'
import { waitForCalm } from './support/cpu-busy.ts'
import { describeMachine, machineText } from './support/describe-machine.ts'
import { ENGINES } from './support/engine-servers.ts'
import { type Bench, type Figure, isMet, median, type Scenario } from './support/figure.ts'
import { figuresTable } from './support/print-figures.ts'

const SCENARIOS: readonly Scenario[] = [
  acceptScenario,
  foldScenario,
  slackScenario,
  slackLifeScenario,
  slackStormScenario,
  slackHeadOfLineScenario,
  slackClicksScenario,
  footprintScenario,
  plansScenario,
  enginesScenario,
  nodesScenario,
  growthScenario,
  failoverScenario,
  alertmanagerStormScenario,
]

const HELP = `Measures Nunchi, side by side with Alertmanager where the two do the same.
  npm run bench -- [scenario…] [--quick] [--rounds 3] [--engines …] [--events …] [--patient] [--profile]

Scenarios (all of them without a name):
${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}

  --quick     one short round of small sizes: to see that it runs, not to publish
  --rounds    how often each measurement is repeated; the median is the figure
  --engines   only some, where several are measured, for example sqlite,postgres (${ENGINES.join(', ')})
  --events    only some sizes of history, for example 10000,1000000
  --patient   each measurement begins when nothing else keeps the machine busy (it waits 5 minutes at most)
  --profile   the product writes CPU profiles of its threads to bench/results/profiles (and is slower)

The table is printed; bench/results/ keeps it as JSON.`

const RESULTS = join(import.meta.dirname, 'results')
const MOST_PATIENCE_MS = 300_000

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    engines: { type: 'string' },
    events: { type: 'string' },
    profile: { type: 'boolean', default: false },
    patient: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name))

if (flags.help) console.log(HELP)
else if (unknown.length > 0) {
  console.error(`There is no scenario named ${unknown.join(', ')}.\n\n${HELP}`)
  process.exitCode = 1
} else {
  await main(SCENARIOS.filter(({ name }) => positionals.length === 0 || positionals.includes(name)))
}

async function main(scenarios: readonly Scenario[]): Promise<void> {
  mkdirSync(RESULTS, { recursive: true })
  const bench: Bench = {
    isQuick: flags.quick,
    engines: flags.engines?.split(',') ?? null,
    events: flags.events?.split(',').map(Number) ?? null,
    rounds: flags.rounds === undefined ? (flags.quick ? 1 : 3) : Number(flags.rounds),
    program: buildProgram(RESULTS),
    nodeArguments: flags.profile ? ['--cpu-prof', `--cpu-prof-dir=${join(RESULTS, 'profiles')}`] : [],
    say: (line) => console.log(line),
    calm: () => (flags.patient ? waitForCalm(MOST_PATIENCE_MS) : Promise.resolve()),
  }
  const machine = await describeMachine()
  console.log(machineText(machine))
  for (const scenario of scenarios) {
    console.log(`\n── ${scenario.name}: ${scenario.about}`)
    const figures = await scenario.run(bench)
    console.log(`\n${figuresTable(figures)}`)
    const file = join(RESULTS, `${scenario.name}-${machine.takenAt.replaceAll(':', '')}.json`)
    writeFileSync(
      file,
      `${JSON.stringify({ machine, scenario: scenario.name, figures: figures.map(resultOf) }, null, 2)}\n`,
    )
  }
}

function resultOf(figure: Figure): object {
  return { ...figure, median: median(figure.values), isMet: isMet(figure) }
}
