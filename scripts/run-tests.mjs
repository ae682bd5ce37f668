// Runs all tests in every size side by side, or those that the arguments name (`npm test -- src/domain`) in the size embedded;
// NUNCHI_TEST_SIZE or `--project` chooses another size. With all that they need in place.
// The last line it prints is `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installMissing } from './debian-packages.mjs'
import { ROOT, readJson } from './runtime/root.mjs'

const SUMMARY_REPORTER = './test/support/summary-reporter.ts'
const isCi = process.env.CI === 'true'

const missing = preparePackages()
const isBuilt = (await run(['scripts/build.mjs'])) === 0
if (!isBuilt) console.error('The bundle that the acceptance tests run could not be built, so no test ran.')
const counts = isBuilt ? await runVitest(process.argv.slice(2)) : { passed: 0, failed: 1, skipped: 0 }

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
if (counts.failed > 0) process.exitCode = 1

function preparePackages() {
  const wanted = readJson('test/support/debian-packages.json')
  const { missing, reason } = installMissing(wanted)
  if (missing.length === 0) return missing
  const uses = wanted
    .filter((entry) => missing.includes(entry.package))
    .map((entry) => `  ${entry.package}: ${entry.neededFor}`)
  const consequence = isCi ? 'CI=true: the tests that need them FAIL.' : 'The tests that need them are SKIPPED.'
  console.error(`\n!! Debian packages are missing. ${consequence}\n${uses.join('\n')}\n  ${reason}\n`)
  return missing
}

/** `vitest.config.ts` says what each size leaves out where all of them run side by side. */
function sizeOf(args) {
  const size = process.env.NUNCHI_TEST_SIZE ?? (args.length === 0 ? 'all' : 'embedded')
  const isNamed = args.some((arg) => arg.startsWith('--project'))
  return isNamed || size === 'all' ? [] : [`--project=${size}`]
}

async function runVitest(words) {
  const args = [...words, ...sizeOf(words)]
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-tests-'))
  const countsFile = join(folder, 'counts.json')
  const whole = words.length === 0 ? { NUNCHI_TEST_WHOLE: '1' } : {}
  try {
    const hasReporter = args.some((arg) => arg.startsWith('--reporter'))
    const status = await run(
      ['node_modules/vitest/vitest.mjs', 'run', ...args, ...(hasReporter ? ['--reporter', SUMMARY_REPORTER] : [])],
      { ...whole, NUNCHI_TEST_COUNTS_FILE: countsFile, NUNCHI_TEST_MISSING_PACKAGES: missing.join(',') },
    )
    const counts = existsSync(countsFile)
      ? JSON.parse(readFileSync(countsFile, 'utf8'))
      : { passed: 0, failed: 0, skipped: 0 }
    // A run that broke off, or found no test at all, must not read as a success.
    const hasBrokenOff = status !== 0 && counts.failed === 0
    return hasBrokenOff ? { ...counts, failed: 1 } : counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves to the exit code; signals that end this process end the child as well. */
function run(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const forward = (signal) => child.kill(signal)
  process.on('SIGTERM', forward).on('SIGHUP', forward)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      process.removeListener('SIGTERM', forward).removeListener('SIGHUP', forward)
      resolve(code ?? 1)
    })
  })
}
