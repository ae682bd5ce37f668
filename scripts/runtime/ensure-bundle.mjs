import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './root.mjs'
import { BootstrapError } from './run-npm.mjs'

const SOURCES = ['src', 'package.json', 'package-lock.json', 'scripts/build.mjs']

/** Builds dist/nunchi.js when it is missing or older than anything it is made of. */
export function ensureBundle(node, env) {
  const bundle = join(ROOT, 'dist/nunchi.js')
  const builtAt = existsSync(bundle) ? statSync(bundle).mtimeMs : 0
  if (SOURCES.every((path) => newestChange(join(ROOT, path)) < builtAt)) return
  const { status } = spawnSync(node, ['scripts/build.mjs'], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new BootstrapError('the program could not be built; the messages above say why.')
}

/** Folders count too: their time changes when a file in them is added, renamed or deleted. */
function newestChange(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))))
}
