import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { TestSize } from './test/support/test-size.ts'
import { testsOnADatabase } from './test/support/tests-on-a-database.ts'

/** What the other sizes would prove a second time, or what is not about them. */
const EMBEDDED_ONLY: readonly (readonly [file: string, reason: string])[] = [
  [
    'test/acceptance/storage-trouble.test.ts',
    'full disks and held locks of SQLite files; servers have suites of their own',
  ],
]

/** What needs a server. */
const SERVERS_ONLY: readonly string[] = ['test/acceptance/several-nodes.test.ts']

const ON_A_DATABASE = testsOnADatabase([
  'src/**/*.test.ts',
  'test/{acceptance,conformance}/*.test.ts',
  'test/chaos/crash-points.test.ts',
])

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
      exclude: size === 'embedded' ? [...SERVERS_ONLY] : EMBEDDED_ONLY.map(([file]) => file),
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
