import { assertInvariants, findViolations, type InvariantInput } from './check-invariants.ts'
import { DEFAULT_CHANNEL, DEFAULT_TOKEN, FakeSlack } from './fake-slack/fake-slack.ts'
import type { SlackProcess } from './fake-slack/run-as-process.ts'
import { type NunchiOptions, type RunningNunchi, startNunchi } from './run-nunchi.ts'
import { seenMessages } from './seen-messages.ts'
import { waitUntilQuiet } from './settle.ts'
import { waitUntil } from './wait-until.ts'

/** What `startNunchiWithSlack` may be told beside the options of the product. */
export interface SlackPace {
  /** Default: fast enough never to hold up a test. */
  readonly postsPerSecond?: number
  readonly burst?: number
}

/** What `startNunchiWithSlack` takes; `config.slack` adds to how fast the bot may speak. */
export interface SlackNunchiOptions extends Omit<NunchiOptions, 'config'> {
  readonly pace?: SlackPace
  readonly config?: Readonly<Record<string, unknown>> & { readonly slack?: object }
}

/** Starts the product with its bot in the fake Slack's default channel. */
export async function startNunchiWithSlack(
  slack: FakeSlack | SlackProcess,
  options: SlackNunchiOptions = {},
): Promise<RunningNunchi> {
  const { pace = {}, config = {}, env = {}, ...others } = options
  const { postsPerSecond = 1_000, burst = 1_000 } = pace
  return await startNunchi({
    ...others,
    // Many incidents at once are no storm here, unless the test says so.
    config: {
      ...config,
      slack: { postsPerSecond, burst, editsPerMinute: 60_000, storm: { newIncidents: 0 }, ...config.slack },
    },
    env: {
      SLACK_BOT_TOKEN: DEFAULT_TOKEN,
      SLACK_CHANNEL: DEFAULT_CHANNEL,
      SLACK_API_URL: slack.apiUrl,
      ...env,
    },
  })
}

/** A run that has come to its end, and what may be wrong with it. */
export interface FinishedRun extends Pick<InvariantInput, 'acked' | 'expectsShown'> {
  readonly nunchi: RunningNunchi
  /** Absent: nobody was told anything. */
  readonly slack?: FakeSlack | SlackProcess
  /** Errors in the log that are the point of the test. */
  readonly allow?: readonly RegExp[]
  readonly timeoutMs?: number
  /** False: something is still to be done on purpose, for example messages to a Slack that is paced. */
  readonly isQuiet?: boolean
}

/** Waits until nothing is left to do; fails when an invariant is violated, a root is there twice, or an error was logged. */
export async function assertEverythingHolds(run: FinishedRun): Promise<void> {
  const { nunchi, slack, acked = [], expectsShown = true, allow = [], timeoutMs = 60_000, isQuiet = true } = run
  if (isQuiet) await waitUntilQuiet(nunchi, timeoutMs)
  nunchi.assertNoErrorLogs({ allow })
  const messages = slack === undefined ? null : seenMessages(await slack.messages(DEFAULT_CHANNEL))
  const input = { place: nunchi, acked, messages, expectsShown }
  await (isQuiet ? assertInvariants(input) : untilNothingIsViolated(input))
  if (slack === undefined) return
  const duplicates = slack instanceof FakeSlack ? slack.duplicateRoots() : (await slack.findings()).duplicateRoots
  if (duplicates.length > 0) throw new Error(`I3: roots told twice: ${JSON.stringify(duplicates).slice(0, 2_000)}`)
}

/** What goes on changes between two questions: there must be a moment in which all answers agree. */
async function untilNothingIsViolated(input: InvariantInput): Promise<void> {
  let violations: readonly string[] = []
  const holds = async (): Promise<boolean> => {
    violations = await findViolations(input)
    return violations.length === 0
  }
  await waitUntil(holds, { timeoutMs: 20_000, why: 'all invariants hold', describe: () => violations.join('\n') })
}
