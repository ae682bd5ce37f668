import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'

/** Something a person must put right before the task can run; the message says what. */
export class BootstrapError extends Error {}

/**
 * Runs npm's own JavaScript under `node`, silently. npm prefers package versions whose `engines` match the Node it
 * runs under, so the npm command of an old Node would quietly choose old packages.
 */
export async function runNpm(node, args, { cwd, env = process.env, purpose, onStart }) {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--no-progress', '--loglevel=error']
  const child = spawn(node, [findNpm(), ...args, ...quiet], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onStart?.(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000)
    })
  }
  // npm must not go on changing files behind the back of a task that was broken off.
  const stop = () => child.kill()
  process.once('exit', stop)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  process.removeListener('exit', stop)
  if (code !== 0) throw new BootstrapError(explainFailure(purpose, output.trim()))
}

/** npm-cli.js of the npm that started us, or of any npm on this machine. */
function findNpm() {
  const started = process.env.npm_execpath
  const besideNode = dirname(realpathSync(process.execPath))
  const candidates = [
    started && basename(started) === 'npm-cli.js' ? started : undefined,
    join(besideNode, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(besideNode, 'node_modules/npm/bin/npm-cli.js'),
    ...(process.env.PATH ?? process.env.Path ?? '').split(delimiter).flatMap(npmIn),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ]
  const found = candidates.find((path) => path !== undefined && existsSync(path))
  if (found !== undefined) return found
  throw new BootstrapError('npm was not found. It comes with Node (on Debian: the package npm); put it in PATH.')
}

function npmIn(folder) {
  if (folder === '' || !existsSync(join(folder, 'npm'))) return []
  const npm = realpathSync(join(folder, 'npm'))
  if (basename(npm) === 'npm-cli.js') return [npm]
  return [join(folder, '../lib/node_modules/npm/bin/npm-cli.js'), join(folder, 'node_modules/npm/bin/npm-cli.js')]
}

const NETWORK_TROUBLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|CERT|SSL/

function explainFailure(purpose, output) {
  const cause = NETWORK_TROUBLE.test(output)
    ? 'the npm registry could not be reached. Look at the network and the proxy (npm config get registry, proxy, https-proxy), then run the same command again.'
    : 'npm failed.'
  return `${purpose}: ${cause}\n${output}`
}
