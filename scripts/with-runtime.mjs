#!/usr/bin/env node
// Every npm script starts here, on whatever Node the machine has, possibly before anything is installed:
// this file and scripts/runtime/ use only what Node 18 has built in.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { ensureBundle } from './runtime/ensure-bundle.mjs'
import { ensureNode } from './runtime/ensure-node.mjs'
import { ensurePackages } from './runtime/ensure-packages.mjs'
import { ROOT } from './runtime/root.mjs'
import { BootstrapError } from './runtime/run-npm.mjs'

// Without --enable-source-maps: every thread would read the map of the bundle, 80 MB in all. Names are kept in it anyway.
const TASKS = {
  start: { needsBundle: true, command: ['dist/nunchi.js', 'serve'] },
  dev: { command: ['--watch', 'src/cli/main.ts', 'serve'] },
  test: { command: ['scripts/run-tests.mjs'] },
  check: { command: ['scripts/check.mjs'] },
  nunchi: { needsBundle: true, command: ['dist/nunchi.js'] },
  bench: { needsBundle: true, command: ['bench/run.ts'] },
  build: { command: ['scripts/build.mjs'] },
}

try {
  await main(process.argv[2], process.argv.slice(3))
} catch (error) {
  if (!(error instanceof BootstrapError)) throw error
  console.error(`nunchi: ${error.message}`)
  process.exitCode = 1
}

async function main(taskName, taskArgs) {
  const task = Object.hasOwn(TASKS, taskName ?? '') ? TASKS[taskName] : undefined
  if (task === undefined) {
    throw new BootstrapError(`say what to do: node scripts/with-runtime.mjs ${Object.keys(TASKS).join(' | ')}`)
  }
  const node = await ensureNode()
  const env = environmentFor(node)
  await ensurePackages(node, env)
  if (task.needsBundle) ensureBundle(node, env)
  runInForeground(node, [...task.command, ...taskArgs], env)
}

/** Whatever the task starts by name, `node` above all, is the runtime that was chosen here. */
function environmentFor(node) {
  const pathKey = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [dirname(node), join(ROOT, 'node_modules/.bin'), process.env[pathKey]].filter(Boolean).join(separator)
  return { ...process.env, [pathKey]: path, NODE: node, npm_node_execpath: node }
}

/** This process becomes a stand-in for the task: signals go in, the exit code comes out. */
function runInForeground(node, args, env) {
  const child = spawn(node, args, { cwd: ROOT, env, stdio: 'inherit' })
  stopWithParent(child)
  const forwardedAt = {}
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']) {
    process.on(signal, () => {
      // Ctrl-C reaches the whole process group, so the task has it already; a second one could mean "at once" to it.
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      // A supervisor that signals every process reaches this one several times: npm forwards as well.
      if (Date.now() - (forwardedAt[signal] ?? 0) < 1000) return
      forwardedAt[signal] = Date.now()
      child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(`nunchi: ${node} does not start: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    // Ending by the same signal tells a supervisor the truth about how the task ended.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/**
 * npm signals the shell that it runs a script in, and a shell that dies of a signal leaves its child behind. The `exec`
 * in package.json spares `npm start` the shell; this covers the other tasks, and an npm that was killed outright.
 */
function stopWithParent(child) {
  // Without npm the parent may be a shell that is meant to end first (nohup).
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 500)
  watch.unref()
}
