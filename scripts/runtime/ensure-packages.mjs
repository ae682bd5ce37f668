import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, readJson } from './root.mjs'
import { runNpm } from './run-npm.mjs'
import { withLock } from './with-lock.mjs'

/** Makes node_modules equal to package-lock.json; costs a few milliseconds when it already is. */
export async function ensurePackages(node, env) {
  if (isInstalled()) return
  await withLock('install', async () => {
    // Whoever held the lock before may have done the work.
    if (isInstalled()) return
    console.error('nunchi: installing the packages of package-lock.json …')
    // NODE_ENV=production would leave out what builds the bundle.
    await runNpm(node, ['ci', '--include=dev', '--include=optional'], {
      cwd: ROOT,
      env,
      purpose: 'Installing packages',
    })
  })
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
