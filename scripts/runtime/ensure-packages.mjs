import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT, readJson } from './root.mjs'
import { runNpm } from './run-npm.mjs'
import { withLock } from './with-lock.mjs'

/** Makes node_modules equal to package-lock.json; costs a few milliseconds when it already is. */
export async function ensurePackages(node, env) {
  if (isInstalled()) return
  await withLock('install', async (alsoHeldBy) => {
    // Whoever held the lock before may have done the work.
    if (isInstalled()) return
    console.error('nunchi: installing the packages of package-lock.json …')
    // NODE_ENV=production would leave out what builds the bundle. No package here needs its install script.
    const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts']
    await runNpm(node, args, { cwd: ROOT, env, purpose: 'Installing packages', onStart: alsoHeldBy })
    linkNode(node)
  })
}

/** What the install script of the package `node` does by a second download: npx and editors find the right Node. */
function linkNode(node) {
  if (process.platform === 'win32') return
  const folder = join(ROOT, 'node_modules/.bin')
  const link = join(folder, 'node')
  rmSync(link, { force: true })
  // Relative within the repository, so that the folder may be moved.
  symlinkSync(node.startsWith(ROOT) ? relative(folder, node) : node, link)
}

/** npm writes its own account of node_modules last, so a broken-off installation has none. */
function isInstalled() {
  const wanted = readJson('package-lock.json').packages
  const actual = readJson('node_modules/.package-lock.json')?.packages
  if (actual === undefined) return false
  if (Object.keys(actual).some((path) => wanted[path] === undefined)) return false
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (path === '') return true
    const installed = actual[path]
    // Builds for other platforms are in the lock file and never installed.
    if (installed === undefined) return Boolean(optional || devOptional || peer)
    return installed.version === version && existsSync(join(ROOT, path))
  })
}
