import { findViolations } from '../../test/support/check-invariants.ts'
import { DEFAULT_CHANNEL } from '../../test/support/fake-slack/fake-slack.ts'
import { seenMessages } from '../../test/support/seen-messages.ts'
import { type Bench, type Figure, figuresFrom, type Scenario } from '../support/figure.ts'
import { interleave } from '../support/interleave.ts'
import { runLoad } from '../support/load/run-load.ts'
import { logStateOf } from '../support/log-state.ts'
import { usageOf } from '../support/process-usage.ts'
import { type SlackBench, startSlackBench } from '../support/slack-bench.ts'
import { type AlertmanagerStorm, stormByAlertmanager } from '../support/storm-by-alertmanager.ts'
import { createStormLoad, type StormShape } from '../support/storm-load.ts'
import { waitUntilTold } from '../support/storm-truth.ts'

const ALERTS = 100_000
const QUICK_ALERTS = 10_000
const GROUPS = 500
const ALERTMANAGER_MS = 180_000
const QUICK_ALERTMANAGER_MS = 25_000
const TOLD_WITHIN_MS = 300_000

const MOST_SECONDS_TO_DIGEST = 10
const MOST_SECONDS_BEHIND = 60
const MOST_MIB = 512

/** A storm, a Slack with its limits, and two that tell the one to the other. */
export const slackStormScenario: Scenario = {
  name: 'slack-storm',
  about: '100,000 alerts told to a Slack with its limits: calls, 429s, time to truth; the same through Alertmanager',
  run: async (bench) => {
    const alerts = bench.isQuick ? QUICK_ALERTS : ALERTS
    const patienceMs = bench.isQuick ? QUICK_ALERTMANAGER_MS : ALERTMANAGER_MS
    const distinct: StormShape = { alerts, incidents: alerts }
    const grouped: StormShape = { alerts, incidents: GROUPS }
    const found = await interleave(bench, {
      distinct: () => stormByNunchi(bench, distinct),
      distinctByAlertmanager: () => stormByAlertmanager(distinct, patienceMs),
      grouped: () => stormByNunchi(bench, grouped),
      groupedByAlertmanager: () => stormByAlertmanager(grouped, patienceMs),
    })
    return [
      ...figuresOf(distinct, found.distinct),
      ...alertmanagerFigures(distinct, found.distinctByAlertmanager),
      ...figuresOf(grouped, found.grouped),
      ...alertmanagerFigures(grouped, found.groupedByAlertmanager),
    ]
  },
}

interface NunchiStorm {
  /** From the first alert to the digest, to the last acceptance, to the last fold and to everything told; seconds. */
  readonly digestAfter: number
  readonly acceptedAfter: number
  readonly foldedAfter: number
  readonly trueAfter: number
  readonly threads: number
  readonly digested: number
  readonly posts: number
  readonly edits: number
  readonly otherCalls: number
  readonly refused: number
  readonly peakMiB: number
}

async function stormByNunchi(bench: Bench, storm: StormShape): Promise<NunchiStorm> {
  const run = await startSlackBench(bench, { limits: 'slack' })
  try {
    const startedAt = Date.now()
    const to = {
      form: 'webhook',
      port: run.product.port,
      path: '/webhook/alertmanager',
      mostMs: TOLD_WITHIN_MS,
    } as const
    await runLoad(createStormLoad(storm, to))
    const acceptedAt = Date.now()
    const { foldedAt, digestAt, trueAt, threads, digested } = await waitUntilTold(run, storm, TOLD_WITHIN_MS)
    const { peakRssMiB } = usageOf(run.product.pid)
    await assertNothingIsLost(run, storm)
    return {
      digestAfter: ((digestAt ?? Number.NaN) - startedAt) / 1000,
      acceptedAfter: (acceptedAt - startedAt) / 1000,
      foldedAfter: (foldedAt - startedAt) / 1000,
      trueAfter: (trueAt - startedAt) / 1000,
      threads,
      digested,
      ...(await callsOf(run)),
      peakMiB: peakRssMiB,
    }
  } finally {
    await run.stop()
  }
}

/** A figure of a storm in which something went missing is worth nothing. */
async function assertNothingIsLost({ product, slack }: SlackBench, { alerts, incidents }: StormShape): Promise<void> {
  const messages = seenMessages(await slack.messages(DEFAULT_CHANNEL))
  const { duplicateRoots } = await slack.findings()
  const state = logStateOf(product.dataDir)
  const wrong = [
    ...(await findViolations({ place: product, messages })),
    ...duplicateRoots.map(({ value }) => `I3: ${value} has several roots`),
    ...(state.eventsRead === alerts ? [] : [`Of ${alerts} alerts ${state.eventsRead} were read`]),
    ...(state.incidents === incidents ? [] : [`Of ${incidents} incidents there are ${state.incidents}`]),
  ]
  if (wrong.length > 0) throw new Error(`The storm left ${wrong.length} wrongs:\n${wrong.slice(0, 20).join('\n')}`)
}

async function callsOf({
  slack,
}: SlackBench): Promise<Pick<NunchiStorm, 'posts' | 'edits' | 'otherCalls' | 'refused'>> {
  const tally = await slack.tally()
  const count = (isCounted: (one: (typeof tally)[number]) => boolean): number =>
    tally.filter(isCounted).reduce((sum, one) => sum + one.count, 0)
  const [post, edit] = ['chat.postMessage', 'chat.update']
  return {
    posts: count(({ method }) => method === post),
    edits: count(({ method }) => method === edit),
    otherCalls: count(({ method }) => method !== post && method !== edit),
    refused: count(({ status }) => status === 429),
  }
}

function nameOf({ alerts, incidents }: StormShape): string {
  return `${alerts / 1000},000 alerts, ${incidents === alerts ? 'each an incident' : `${incidents} incidents`}`
}

function figuresOf(storm: StormShape, rounds: readonly NunchiStorm[]): readonly Figure[] {
  const figure = figuresFrom(nameOf(storm), rounds)
  return [
    figure('digest visible', 's', ({ digestAfter }) => digestAfter, { below: MOST_SECONDS_TO_DIGEST }),
    figure('all accepted', 's', ({ acceptedAfter }) => acceptedAfter),
    figure('all folded', 's', ({ foldedAfter }) => foldedAfter),
    figure('Slack shows the truth', 's', ({ trueAfter }) => trueAfter),
    figure('truth after the last answer', 's', (round) => round.trueAfter - round.acceptedAfter, {
      below: MOST_SECONDS_BEHIND,
    }),
    figure('incidents with threads', '', ({ threads }) => threads),
    figure('incidents in the digest', '', ({ digested }) => digested),
    figure('posts', '', ({ posts }) => posts),
    figure('edits', '', ({ edits }) => edits),
    figure('other calls', '', ({ otherCalls }) => otherCalls),
    figure('refused with 429', '', ({ refused }) => refused, { atMost: 0 }),
    figure('memory at most (RSS)', 'MiB', ({ peakMiB }) => peakMiB, { below: MOST_MIB }),
  ]
}

function alertmanagerFigures(storm: StormShape, rounds: readonly AlertmanagerStorm[]): readonly Figure[] {
  const figure = figuresFrom(`${nameOf(storm)}, by Alertmanager`, rounds)
  return [
    figure('groups accepted', '', ({ accepted }) => accepted),
    figure('requests to Slack', '', ({ requests }) => requests),
    figure('refused with 429', '', ({ refused }) => refused),
    figure('groups shown', '', ({ shown }) => shown),
    figure('groups not shown at the end', '', ({ missing }) => missing),
    figure('time until then', 's', ({ seconds }) => seconds),
    figure('memory at most (RSS)', 'MiB', ({ peakMiB }) => peakMiB),
  ]
}
