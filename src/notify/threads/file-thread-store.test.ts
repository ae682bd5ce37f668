import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { describeThreadStore } from '../../../test/conformance/thread-store.ts'
import { makeTempFolder, type TempFolder } from '../../../test/support/temp-folder.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { type FileThreadStore, openFileThreadStore } from './file-thread-store.ts'

const folders: TempFolder[] = []
const stores: FileThreadStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => undefined)
  for (const folder of folders.splice(0)) folder.remove()
})

function recordingLogger() {
  const lines: { level: string; facts: object; text: string }[] = []
  const at = (level: string) => (facts: object, text: string) => void lines.push({ level, facts, text })
  return { lines, logger: { info: at('info'), warn: at('warn'), error: at('error') } as never }
}

function temporaryFile(): string {
  const folder = makeTempFolder('threads')
  folders.push(folder)
  return join(folder.path, 'threads.json')
}

async function openStore(path: string, logger = recordingLogger().logger): Promise<FileThreadStore> {
  const store = await openFileThreadStore(path, { now: () => Date.UTC(2026, 10, 21, 8), logger })
  stores.push(store)
  return store
}

describeThreadStore('file', async () => {
  const path = temporaryFile()
  const store = await openStore(path)
  return {
    store,
    restart: async () => {
      await store.close()
      return await openStore(path)
    },
  }
})

test('the file is readable JSON, key to ts, and is there soon after a put', async () => {
  const path = temporaryFile()
  const store = await openStore(path)
  await store.put('TestAlert|critical|database|production|production', '1234567890.123456')
  await store.put('Other|warning|||production', '1234567890.123457')
  const text = await waitUntil(() => readFileSync(path, 'utf8'), { why: 'the file is written', timeoutMs: 2000 })
  expect(text).toBe(
    '{\n  "TestAlert|critical|database|production|production": "1234567890.123456",\n  "Other|warning|||production": "1234567890.123457"\n}\n',
  )
  expect(readdirSync(join(path, '..'))).toEqual(['threads.json'])
})

test('a copy of the file brings the threads back', async () => {
  const path = temporaryFile()
  writeFileSync(path, '{"TestAlert|critical|database|production|production":"1234567890.123456"}')
  const store = await openStore(path)
  expect(await store.get('TestAlert|critical|database|production|production')).toBe('1234567890.123456')
})

for (const [content, why] of [
  ['{"a": "1', 'cut off in the middle'],
  ['[]', 'an array'],
  ['{"a": {"ts": "1"}}', 'of another shape'],
  ['\u0000\u0000\u0000', 'zeroes after a power failure'],
]) {
  test(`a file that is ${why} is put aside, told, and the store starts empty`, async () => {
    const path = temporaryFile()
    writeFileSync(path, content as string)
    const { lines, logger } = recordingLogger()
    const store = await openStore(path, logger)
    expect(await store.count()).toBe(0)
    expect(lines).toMatchObject([
      { level: 'error', facts: { path, aside: `${path}.corrupt-2026-11-21T08-00-00.000Z` } },
    ])
    expect(readFileSync(`${path}.corrupt-2026-11-21T08-00-00.000Z`, 'utf8')).toBe(content)
    await store.put('a', '1')
    await store.close()
    expect(readFileSync(path, 'utf8')).toBe('{\n  "a": "1"\n}\n')
  })
}

test('a missing folder is refused with the name of the variable', async () => {
  const path = join(temporaryFile(), '..', 'nowhere', 'threads.json')
  await expect(openStore(path)).rejects.toThrow(/THREAD_STORE_FILE.*Create the folder .*nowhere/)
})

test('a file that cannot be written for a while is told and written later', async () => {
  const path = temporaryFile()
  const { lines, logger } = recordingLogger()
  const store = await openStore(path, logger)
  await rm(join(path, '..'), { recursive: true })
  await store.put('a', '1')
  await waitUntil(() => lines.length > 0, { why: 'the failure is told' })
  expect(lines[0]?.text).toContain('THREAD_STORE_FILE')
  expect(await store.get('a')).toBe('1')
  await expect(store.close()).rejects.toThrow('ENOENT')
})

test('at most 100,000 threads are kept, the oldest go', async () => {
  const path = temporaryFile()
  writeFileSync(
    path,
    JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key-${i}`, `ts-${i}`]))),
  )
  const store = await openStore(path)
  await store.put('key-0', 'renewed')
  await store.put('one more', 'ts')
  expect(await store.count()).toBe(100_000)
  expect(await store.get('key-0')).toBe('renewed')
  expect(await store.get('key-1')).toBeNull()
  expect(await store.get('key-2')).toBe('ts-2')
})
