import { writeFileSync, writeSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** What a run came to; a file or a fault outside of any test that failed counts as one failed test. */
export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** Prints `N passed, N failed, N skipped` as the very last line of a run. */
export default class SummaryReporter implements Reporter {
  #counts: TestCounts = { passed: 0, failed: 0, skipped: 0 }

  onInit(): void {
    // Other reporters still print after their last event, so nothing earlier than the end of the process is last.
    process.once('exit', () => {
      // The runner of npm test prints the line itself when it has one more thing to count.
      const handOver = process.env['NUNCHI_TEST_COUNTS_FILE']
      if (handOver !== undefined) writeFileSync(handOver, JSON.stringify(this.#counts))
      else writeSync(1, `${summaryLine(this.#counts)}\n`)
    })
  }

  onTestRunEnd(modules: readonly TestModule[], faults: readonly SerializedError[]): void {
    this.#counts = countTests(modules, faults.length)
  }
}

/** The last line of a run. */
export function summaryLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function countTests(modules: readonly TestModule[], faults: number): TestCounts {
  const counts: TestCounts = { passed: 0, failed: faults, skipped: 0 }
  for (const module of modules) {
    const before = counts.failed
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'skipped' : state] += 1
    }
    // A file that cannot be loaded, or a hook that throws, has no failed test to show for it.
    if (!module.ok() && counts.failed === before) counts.failed += 1
  }
  return counts
}
