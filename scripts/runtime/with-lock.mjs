import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './root.mjs'

/**
 * Runs `work` while no other process on this machine runs work under the same name in this tree. `work` is given a
 * function for the process id of a helper that may outlive this process: the lock is held until that has ended too.
 */
export async function withLock(name, work) {
  const folder = join(ROOT, '.runtime')
  const lock = join(folder, `${name}.lock`)
  mkdirSync(folder, { recursive: true })
  let hasToldToWait = false
  while (!tryTake(lock)) {
    if (breakIfAbandoned(lock)) continue
    if (!hasToldToWait) console.error(`nunchi: waiting for another run that holds ${lock} …`)
    hasToldToWait = true
    await sleep(300)
  }
  // A killed holder is noticed by its process id; an ordinary end, Ctrl-C included, tidies up.
  const release = () => rmSync(lock, { force: true })
  const releaseAndEnd = () => {
    release()
    process.exit(130)
  }
  process.once('SIGINT', releaseAndEnd).once('SIGTERM', releaseAndEnd)
  try {
    return await work((helper) => appendFileSync(lock, ` ${helper}`))
  } finally {
    process.removeListener('SIGINT', releaseAndEnd).removeListener('SIGTERM', releaseAndEnd)
    release()
  }
}

function tryTake(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** Moved aside before it is deleted: of several waiting runs only one succeeds in that. */
function breakIfAbandoned(lock) {
  const holders = readHolders(lock)
  if (holders.length === 0 || holders.some(isAlive)) return false
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return true
    throw error
  }
  rmSync(aside, { force: true })
  return true
}

/** None while the file has no content yet, or is gone again. */
function readHolders(lock) {
  try {
    return readFileSync(lock, 'utf8')
      .split(' ')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error.code === 'EPERM'
  }
}
