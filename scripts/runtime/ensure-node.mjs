import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readJson } from './root.mjs'
import { BootstrapError, runNpm } from './run-npm.mjs'

/**
 * The path of a Node that satisfies `engines`: the one that runs this, or else the version pinned in package.json,
 * fetched from the npm registry into .runtime/.
 */
export async function ensureNode() {
  const { engines, devDependencies } = readJson('package.json')
  if (isAtLeast(process.versions.node, engines.node)) return process.execPath

  const version = devDependencies.node
  const home = join(ROOT, '.runtime', `node-${version}-${process.platform}-${process.arch}`)
  const node = join(home, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node')
  if (!existsSync(node)) {
    console.error(`nunchi: Node ${process.versions.node} is too old; getting Node ${version} from npm, once …`)
    await fetchInto(home, version)
    assertRuns(node, home, version)
  }
  return node
}

/** `range` is of the form `>=24`, `>=24.12` or `>=24.12.1`. */
function isAtLeast(version, range) {
  const wanted = range.replace('>=', '').split('.').map(Number)
  const actual = version.split('.').map(Number)
  const different = wanted.findIndex((part, index) => part !== actual[index])
  return different === -1 || actual[different] > wanted[different]
}

/** Prepared beside its final place and renamed there, so that simultaneous runs never see half a runtime. */
async function fetchInto(home, version) {
  mkdirSync(join(ROOT, '.runtime'), { recursive: true })
  const workshop = mkdtempSync(join(ROOT, '.runtime', 'fetching-'))
  try {
    const fetched = await fetchPackage(workshop, version)
    try {
      renameSync(fetched, home)
    } catch (error) {
      // Another run was faster; its copy is as good.
      if (!existsSync(home)) throw error
    }
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
}

async function fetchPackage(workshop, version) {
  const install = (name, extra) =>
    runNpm(
      process.execPath,
      ['install', '--prefix', workshop, '--no-save', '--no-package-lock', ...extra, `${name}@${version}`],
      { cwd: workshop, purpose: `Getting Node ${version} from npm` },
    )
  // The package `node` only runs an install script that fetches this one, and install scripts may be forbidden.
  const platformPackage = platformPackageName()
  try {
    await install(platformPackage, ['--ignore-scripts'])
    return join(workshop, 'node_modules', platformPackage)
  } catch (error) {
    if (!/E404|ETARGET/.test(error.message)) throw error
  }
  await install('node', ['--foreground-scripts'])
  return join(workshop, 'node_modules/node')
}

function platformPackageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${platform}-${process.arch}`
}

function assertRuns(node, home, version) {
  const { status, error, stderr } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  if (status === 0) return
  rmSync(home, { recursive: true, force: true })
  throw new BootstrapError(
    `the Node ${version} from npm does not run on this system (${error?.message ?? stderr.trim()}). Install Node ${version} or newer yourself and put it first in PATH.`,
  )
}
