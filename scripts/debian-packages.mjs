import { spawnSync } from 'node:child_process'
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const POLICY = '/usr/sbin/policy-rc.d'

/**
 * Installs what is missing of `wanted` (a package is there when `file`, a pattern, matches) when that is possible here (root on Debian or a relative of it) and returns
 * the names of the packages that stay missing, with the reason.
 */
export function installMissing(wanted) {
  const missing = () => wanted.filter(({ file }) => globSync(file).length === 0).map((entry) => entry.package)
  const before = missing()
  if (before.length === 0) return { missing: [], reason: '' }
  if (!isInPath('apt-get')) return { missing: before, reason: 'this is no Debian, install them by hand' }
  if (process.getuid?.() !== 0) {
    return {
      missing: before,
      reason: `not root, run: sudo apt-get install --no-install-recommends ${before.join(' ')}`,
    }
  }
  console.log(`Installing Debian packages for the tests: ${before.join(', ')} …`)
  const wereThere = installedPackages()
  const output = withoutStartingServices(() => install(before))
  const after = missing()
  // Not only the packages asked for: the service of `postgresql` comes with one that it depends on.
  const added = installedPackages().filter((name) => !wereThere.includes(name))
  if (existsSync('/run/systemd/system')) keepFromStartingAtBoot(added)
  return { missing: after, reason: output.trim().split('\n').slice(-5).join('\n') }
}

function isInPath(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  return folders.some((folder) => existsSync(join(folder, command)))
}

function installedPackages() {
  const { stdout } = spawnSync('dpkg', ['--get-selections'], { encoding: 'utf8' })
  return stdout?.split('\n').map((line) => line.split('\t')[0]) ?? []
}

/** Package lists may be absent (a bare container) or out of date (404): they are fetched only when that matters. */
function install(packages) {
  const first = aptGet('install', ...packages)
  if (first.status === 0) return first.output
  const update = aptGet('update')
  const second = aptGet('install', ...packages)
  return second.status === 0 ? second.output : update.output + second.output
}

function aptGet(...args) {
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = spawnSync('apt-get', [...options, ...args], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
    timeout: 600_000,
  })
  return { status: run.status, output: `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}\n` }
}

/** Debian starts a service as soon as its package is installed, unless this file says 101. */
function withoutStartingServices(work) {
  const isOurs = !existsSync(POLICY)
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const tidyUp = () => {
    if (isOurs) rmSync(POLICY, { force: true })
  }
  process.once('exit', tidyUp)
  try {
    return work()
  } finally {
    process.removeListener('exit', tidyUp)
    tidyUp()
  }
}

/** The tests start their own copies; a machine must not gain a monitoring system because tests ran on it. */
function keepFromStartingAtBoot(packages) {
  for (const name of packages) {
    const { stdout } = spawnSync('dpkg', ['-L', name], { encoding: 'utf8' })
    const units = stdout
      .split('\n')
      .flatMap((line) => line.match(/\/systemd\/system\/([^/]+\.(?:service|timer))$/)?.[1] ?? [])
    if (units.length > 0) spawnSync('systemctl', ['disable', '--quiet', ...units], { stdio: 'ignore' })
  }
}
