import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { forgetFolder, watchFolder } from './leftovers-reaper.ts'

/** A folder of one test; it disappears with `remove()`, with `using`, or at the latest with the process. */
export interface TempFolder {
  readonly path: string
  /** Writes a file into the folder and returns its full path. */
  write(name: string, content: string): string
  remove(): void
  [Symbol.dispose](): void
}

/** Makes an empty folder under the system's temporary folder. */
export function makeTempFolder(purpose: string, parent: string = tmpdir()): TempFolder {
  const path = mkdtempSync(join(parent, `nunchi-${purpose}-`))
  watchFolder(path)
  const remove = () => {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    forgetFolder(path)
  }
  const write = (name: string, content: string) => {
    const file = join(path, name)
    writeFileSync(file, content)
    return file
  }
  return { path, write, remove, [Symbol.dispose]: remove }
}

const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 2 ** 30

/** Like `makeTempFolder`, in memory where there is plenty: for servers whose data need not survive the machine. */
export function makeMemoryFolder(purpose: string): TempFolder {
  return makeTempFolder(purpose, hasMemory() ? MEMORY : tmpdir())
}

function hasMemory(): boolean {
  if (!existsSync(MEMORY)) return false
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > ENOUGH_BYTES
}
