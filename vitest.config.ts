import { env } from 'node:process'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { TestSize } from './test/support/test-size.ts'
import { testsOnADatabase } from './test/support/tests-on-a-database.ts'

/** What is about the files of the embedded size, or of no size. */
const ONLY_EMBEDDED: readonly string[] = ['storage-trouble', 'deployment']

/** What needs a server. */
const ONLY_ON_SERVERS: readonly string[] = ['several-nodes', 'several-nodes-as-one']

/** Run on servers by name only: the whole must stay under half an hour, in which these would prove little for what they take. */
const ON_SERVERS_BY_NAME: readonly (readonly [file: string, reason: string])[] = [
  [
    'slack-trouble',
    'what Slack answers, hour after hour: thousands of steps of a turned clock, the same on every engine',
  ],
  ['slack-living-thread', 'what is said and when it is edited: rules, and days of a turned clock'],
  ['slack-forgery', 'signatures, before anything is stored'],
  ['slack-socket', 'a way into the product; what arrives is stored as over HTTP'],
  ['slack-conversation-socket', 'the conversation over HTTP is had in every size'],
  ['hostile-senders', 'connections and bodies, before anything is stored'],
  ['other-channels', 'what webhooks and mail servers get'],
  ['reconciler', 'what senders are asked, and when their answers are trusted'],
  ['dead-man', 'when silence is told'],
  ['storms', 'minutes of one storm; the chaos of three nodes has load on every engine'],
  ['noisy-neighbour', 'a flood of minutes'],
  ['real-alertmanager', 'senders that never see the storage'],
  ['several-nodes-as-one', 'minutes of two nodes; three nodes meet the same in `test/chaos/cluster-random`'],
]

/** What would be proven a third time in the whole: a cluster has PostgreSQL like the size of that name, and several nodes meet on both. */
const FURTHER_BY_NAME: Readonly<Record<Exclude<TestSize, 'embedded'>, readonly string[]>> = {
  mariadb: ['several-nodes'],
  postgres: [],
  cluster: [
    'api-fuzz',
    'first-run',
    'hostile-bodies',
    'redis-threads',
    'routing',
    'slack-buttons',
    'slack-conversation-http',
    'slack-roles',
  ],
}

/** A crash at every step, on files; three nodes are killed at random on every server. */
const CRASH_POINTS = 'test/chaos/crash-points.test.ts'

/** Minutes of three nodes for each kind of fault. */
const CHAOS_BY_NAME = 'test/chaos/broken-database.test.ts'

const ON_A_DATABASE = testsOnADatabase(['src/**/*.test.ts', 'test/{acceptance,conformance}/*.test.ts', CRASH_POINTS])

/** Whether everything is run, in one size or in all of them side by side, without what is run by name. */
// biome-ignore lint/style/noProcessEnv: what the test command says to its runner.
const IS_WHOLE = env['NUNCHI_TEST_WHOLE'] === '1'

function leftOut(size: TestSize): readonly string[] {
  if (size === 'embedded') return ONLY_ON_SERVERS
  if (!IS_WHOLE) return ONLY_EMBEDDED
  const byName = ON_SERVERS_BY_NAME.map(([name]) => name)
  return [...ONLY_EMBEDDED, ...byName, ...FURTHER_BY_NAME[size]]
}

interface SizeOptions {
  readonly include: readonly string[]
  readonly servers: readonly string[]
}

function projectOf(size: TestSize, { include, servers }: SizeOptions): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name: size,
      include: [...include],
      exclude: [
        ...leftOut(size).map((name) => `test/acceptance/${name}.test.ts`),
        ...(IS_WHOLE ? [CHAOS_BY_NAME] : []),
        ...(IS_WHOLE && size !== 'embedded' ? [CRASH_POINTS] : []),
      ],
      env: { NUNCHI_TEST_SIZE: size },
      // A statement is a conversation with another program there.
      ...(servers.length === 0 ? {} : { testTimeout: 60_000, hookTimeout: 60_000 }),
      globalSetup: servers.map((server) => `test/support/global-${server}.ts`),
    },
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    // Many tests start real programs and wait for them. More at once would make each other late rather than the run shorter.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', './test/support/summary-reporter.ts'],
    projects: [
      projectOf('embedded', { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], servers: [] }),
      projectOf('mariadb', { include: ON_A_DATABASE, servers: ['mariadb'] }),
      projectOf('postgres', { include: ON_A_DATABASE, servers: ['postgres'] }),
      projectOf('cluster', {
        include: ON_A_DATABASE.filter((file) => /^test\/(acceptance|conformance)\//.test(file)),
        servers: ['postgres', 'nats'],
      }),
    ],
  },
})
