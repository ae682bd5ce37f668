import type { FaultRule } from '../../test/support/fake-slack/faults.ts'
import type { SlackProcess } from '../../test/support/fake-slack/run-as-process.ts'
import type { ProductPlace } from '../../test/support/product-place.ts'
import { queryMain } from '../../test/support/query-product.ts'
import { BY_SEVERITY, CRITICAL_CHANNEL, WARNING_CHANNEL } from '../support/by-severity.ts'
import type { Bench, Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { runLoad } from '../support/load/run-load.ts'
import { waitUntilFolded } from '../support/log-state.ts'
import { sendAtPace } from '../support/send-at-pace.ts'
import { sendCritical, startSlackBench } from '../support/slack-bench.ts'
import { type Latency, latencyFigures, latencyOf } from '../support/slack-latency.ts'
import { createStormLoad } from '../support/storm-load.ts'

const QUEUED = 10_000
const PER_SECOND = 5
const MOST_MS = 5_000
const TO = { form: 'webhook', path: '/webhook/alertmanager', mostMs: 120_000 } as const

/** Ways in which a channel can be dead. */
const DEATHS = {
  'answers nothing': (slack) => slack.addFault(broken({ kind: 'hang', ms: 120_000, stores: 'never' })),
  'answers 503': (slack) => slack.addFault(broken({ kind: 'status', status: 503 })),
  'is archived': (slack) => slack.control('POST', `/archive?channel=${WARNING_CHANNEL}`),
} as const satisfies Record<string, (slack: SlackProcess) => Promise<unknown>>
type Death = keyof typeof DEATHS

function broken(fault: FaultRule['fault']): FaultRule {
  return { channel: WARNING_CHANNEL, fault }
}

/** Whether what waits for a dead channel holds up what goes to another. */
export const slackHeadOfLineScenario: Scenario = {
  name: 'slack-head-of-line',
  about: '10,000 incidents wait for a dead channel: accepted → request of critical ones in another channel',
  run: async (bench) => {
    const rounds = await interleave(bench, {
      'answers nothing': () => round(bench, 'answers nothing'),
      'answers 503': () => round(bench, 'answers 503'),
      'is archived': () => round(bench, 'is archived'),
    })
    return Object.entries(rounds).flatMap(([death, found]) => [
      ...latencyFigures(`a channel ${death}, critical elsewhere`, found, MOST_MS),
      {
        name: `a channel ${death}: waiting for it, at the start`,
        unit: '',
        values: found.map(({ waiting }) => waiting),
      },
    ])
  },
}

interface Round extends Latency {
  readonly waiting: number
}

async function round(bench: Bench, death: Death): Promise<Round> {
  const run = await startSlackBench(bench, { channels: [CRITICAL_CHANNEL, WARNING_CHANNEL], config: BY_SEVERITY })
  const { product, slack } = run
  try {
    await DEATHS[death](slack)
    const storm = { alerts: QUEUED, incidents: QUEUED }
    await runLoad(createStormLoad(storm, { ...TO, port: product.port }))
    await waitUntilFolded(product.dataDir, QUEUED)
    const waiting = await waitingIn(product)
    const count = PER_SECOND * (bench.isQuick ? 10 : 60)
    const accepted = await sendAtPace({ perSecond: PER_SECOND, count }, async (index) => {
      const name = `Elsewhere${String(index).padStart(5, '0')}`
      return { name, at: await sendCritical(product, name) }
    })
    return { ...(await latencyOf(slack, accepted)), waiting }
  } finally {
    await run.stop()
  }
}

async function waitingIn(product: ProductPlace): Promise<number> {
  const [row] = await queryMain(product, `select count(*) as n from job where queue like '%warning'`)
  return Number(row?.['n'])
}
