import { type FileHandle, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import type { ThreadStore } from './thread-store.ts'

export interface FileThreadStoreDeps {
  readonly now: () => number
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** A thread store that has something to write down before it goes. */
export interface FileThreadStore extends ThreadStore {
  /** Writes what is not yet in the file. Rejects when the file cannot be written. */
  readonly close: () => Promise<void>
}

/** A put is in the file this much later at the latest. */
const WRITE_DELAY_MS = 200
const RETRY_DELAY_MS = 5_000
/** The oldest go first. */
const MOST_ENTRIES = 100_000

/**
 * Keeps thread keys in one JSON object, key → ts, as system 2 does: a copy of the file is a backup. The file is
 * replaced as a whole, so that a crash leaves the old or the new one. A file that is no such object is put aside, with a
 * line in the log, and the store starts empty. Rejects when the folder is missing or may not be written.
 */
export async function openFileThreadStore(path: string, deps: FileThreadStoreDeps): Promise<FileThreadStore> {
  await checkFolder(path)
  return new ThreadFile(path, await loadEntries(path, deps), deps)
}

class ThreadFile implements FileThreadStore {
  readonly kind = 'file'
  readonly #path: string
  readonly #deps: FileThreadStoreDeps
  /** In the order in which they were put: the first is the oldest. */
  readonly #entries: Map<string, string>
  #isDirty = false
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, entries: Map<string, string>, deps: FileThreadStoreDeps) {
    this.#path = path
    this.#entries = entries
    this.#deps = deps
  }

  readonly get = async (threadKey: string): Promise<string | null> => this.#entries.get(threadKey) ?? null

  readonly put = async (threadKey: string, ts: string): Promise<void> => {
    if (this.#entries.get(threadKey) === ts) return
    this.#entries.delete(threadKey)
    this.#entries.set(threadKey, ts)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST_ENTRIES) break
      this.#entries.delete(oldest)
    }
    this.#writeSoon(WRITE_DELAY_MS)
  }

  readonly list = async (limit: number) =>
    [...this.#entries.entries().take(limit)].map(([threadKey, ts]) => ({ threadKey, ts }))

  readonly count = async (): Promise<number> => this.#entries.size

  readonly clear = async (): Promise<number> => {
    const count = this.#entries.size
    this.#entries.clear()
    this.#isDirty = true
    await this.#write()
    return count
  }

  readonly close = async (): Promise<void> => {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    await this.#write()
  }

  #writeSoon(delayMs: number): void {
    this.#isDirty = true
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#write().catch((error: unknown) => {
        const problem =
          'The thread file cannot be written; it is tried again. Check the folder of THREAD_STORE_FILE and its disk.'
        this.#deps.logger.error({ err: error, path: this.#path }, problem)
        this.#writeSoon(RETRY_DELAY_MS)
      })
    }, delayMs)
  }

  /** One write after another; each writes everything that is known when it begins. */
  async #write(): Promise<void> {
    const writing = this.#writing.then(async () => {
      if (!this.#isDirty) return
      this.#isDirty = false
      try {
        await replaceFile(this.#path, `${JSON.stringify(Object.fromEntries(this.#entries), null, 2)}\n`)
      } catch (error) {
        this.#isDirty = true
        throw error
      }
    })
    this.#writing = writing.catch(() => undefined)
    await writing
  }
}

async function checkFolder(path: string): Promise<void> {
  const folder = dirname(path)
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is not a folder`)
    const probe = `${path}.probe-${process.pid}`
    await (await open(probe, 'w')).close()
    await unlink(probe)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `THREAD_STORE_FILE is ${path}, but no file can be written there (${reason}). Create the folder ${folder} and give it to the user that runs Nunchi, or name another file.`,
      { cause },
    )
  }
}

async function loadEntries(path: string, { now, logger }: FileThreadStoreDeps): Promise<Map<string, string>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw new Error(`THREAD_STORE_FILE is ${path}, but it cannot be read. Give it to the user that runs Nunchi.`, {
      cause,
    })
  }
  const entries = text.trim() === '' ? new Map<string, string>() : parseEntries(text)
  if (entries) return entries
  const aside = `${path}.corrupt-${new Date(now()).toISOString().replaceAll(':', '-')}`
  await rename(path, aside)
  logger.error(
    { path, aside },
    'THREAD_STORE_FILE is no JSON object of thread keys and timestamps. It was put aside and the store starts empty; correct it and copy it back before a restart to restore it.',
  )
  return new Map()
}

/** Null when the text is not an object of texts. */
function parseEntries(text: string): Map<string, string> | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const pairs = Object.entries(value)
    return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? new Map(pairs) : null
  } catch {
    // Not JSON: the caller puts the file aside and says so.
    return null
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.new`
  await withFile(temporary, 'w', async (file) => {
    await file.writeFile(content)
    await file.sync()
  })
  await rename(temporary, path)
  // The new name is durable only with the folder.
  await withFile(dirname(path), 'r', (folder) => folder.sync())
}

async function withFile(path: string, flags: 'r' | 'w', work: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags)
  try {
    await work(file)
  } finally {
    await file.close()
  }
}
