import { env } from 'node:process'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { TestSize } from './test/support/test-size.ts'
import { testsOnADatabase } from './test/support/tests-on-a-database.ts'

/** What the other sizes would prove a second time, and at a cost: the whole must stay under half an hour. */
const EMBEDDED_ONLY: readonly (readonly [file: string, reason: string])[] = [
  ['storage-trouble', 'full disks and held locks of SQLite files'],
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
  ['deployment', 'files of deployments'],
]

/** What needs a server. */
const SERVERS_ONLY: readonly string[] = ['several-nodes', 'several-nodes-as-one']

/** What a cluster would prove a third time: it has PostgreSQL, like the size of that name. */
const NOT_IN_A_CLUSTER = ['api-fuzz', 'first-run', 'redis-threads', 'slack-roles', 'routing']

const ON_A_DATABASE = testsOnADatabase([
  'src/**/*.test.ts',
  'test/{acceptance,conformance}/*.test.ts',
  'test/chaos/crash-points.test.ts',
])

/**
 * `npm test` as a whole is the size `embedded`; NUNCHI_TEST_SIZE or `--project` runs another one, with the product as its users meet it. They become
 * part of the whole, units first, when they have been seen to stay within half an hour.
 */
// biome-ignore lint/style/noProcessEnv: what the test command says to its runner.
const IS_WHOLE = env['NUNCHI_TEST_WHOLE'] === '1'

function leftOut(size: TestSize): readonly string[] {
  if (size === 'embedded') return SERVERS_ONLY
  return [...EMBEDDED_ONLY.map(([name]) => name), ...(size === 'cluster' ? NOT_IN_A_CLUSTER : [])]
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
        // Four minutes of three nodes: run by name until the whole has room for it.
        ...(IS_WHOLE ? ['test/chaos/cluster-random.test.ts'] : []),
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
    // Many tests start real programs; more of them at once make each other late rather than the run shorter.
    maxWorkers: 2,
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
