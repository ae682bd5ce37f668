import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { deliveryOf, describeDeliveryLog, readAll } from '../../../../test/conformance/delivery-log.ts'
import { makeTempFolder, type TempFolder } from '../../../../test/support/temp-folder.ts'
import { spawnThread } from '../../../../test/support/thread-entry.ts'
import type { DeliveryReaders } from '../delivery-log.ts'
import { LogUnavailableError } from '../delivery-log.ts'
import { EmbeddedLog } from './embedded-log.ts'
import { openEmbeddedReaders } from './embedded-readers.ts'

const folders: TempFolder[] = []
const logs: EmbeddedLog[] = []
const allReaders: DeliveryReaders[] = []

afterEach(async () => {
  for (const readers of allReaders.splice(0)) await readers.close()
  for (const log of logs.splice(0)) await log.close().catch(() => undefined)
  for (const folder of folders.splice(0)) folder.remove()
})

async function openLog(path: string): Promise<EmbeddedLog> {
  const log = await EmbeddedLog.open(path, spawnThread)
  logs.push(log)
  return log
}

function openReaders(path: string): DeliveryReaders {
  const readers = openEmbeddedReaders(path)
  allReaders.push(readers)
  return readers
}

function temporaryFolder(): string {
  const folder = makeTempFolder('log')
  folders.push(folder)
  return folder.path
}

describeDeliveryLog('embedded', async () => {
  const path = join(temporaryFolder(), 'deliveries.db')
  const openBoth = async () => ({ log: await openLog(path), readers: openReaders(path) })
  const opened = await openBoth()
  return {
    ...opened,
    restart: async () => {
      await opened.log.close()
      return await openBoth()
    },
  }
})

test('deliveries that arrive together share a commit', async () => {
  const path = join(temporaryFolder(), 'deliveries.db')
  const log = await openLog(path)
  await Promise.all(Array.from({ length: 300 }, (_, i) => log.append(deliveryOf(`body ${i}`))))
  await log.close()
  const file = new DatabaseSync(path)
  const { segments } = file.prepare('select count(*) as segments from segment').get() as { segments: number }
  file.close()
  expect(segments).toBeLessThan(20)
})

test('a file that is not a log is refused with its name', async () => {
  const path = join(temporaryFolder(), 'deliveries.db')
  writeFileSync(path, 'this is not a database, but long enough to be taken for one'.repeat(100))
  await expect(EmbeddedLog.open(path, spawnThread)).rejects.toThrow(/deliveries\.db cannot be opened/)
})

test('a closed log refuses instead of waiting for ever', async () => {
  const log = await openLog(join(temporaryFolder(), 'deliveries.db'))
  await log.append(deliveryOf('a'))
  await log.close()
  await expect(log.append(deliveryOf('b'))).rejects.toThrow(LogUnavailableError)
  await expect(log.get(1)).rejects.toThrow(LogUnavailableError)
})

test('trimming a long log is done in steps that hold up nobody', { timeout: 60_000 }, async () => {
  const path = join(temporaryFolder(), 'deliveries.db')
  const log = await openLog(path)
  for (let round = 0; round < 20; round++)
    await Promise.all(Array.from({ length: 1000 }, (_, i) => log.append(deliveryOf(`body ${i}`))))
  await log.close()
  spreadOverSegments(path)
  const again = await openLog(path)
  const keepFrom = new Map([[again.partitionOf(), 20_001]])
  let longestMs = 0
  for (;;) {
    const before = performance.now()
    const trimmed = await again.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: 0, keepFrom })
    longestMs = Math.max(longestMs, performance.now() - before)
    if (trimmed === 0) break
  }
  expect((await again.stats()).deliveries).toBe(0)
  expect(longestMs).toBeLessThan(250)
})

/** One segment per delivery, as on a quiet day: the more rows, the more a careless query costs. */
function spreadOverSegments(path: string): void {
  const file = new DatabaseSync(path)
  file.exec(`
    create temp table one as select bytes from segment limit 1;
    delete from segment;
    insert into segment (id, bytes) select seq, (select bytes from one) from delivery;
    update delivery set segment_id = seq;
  `)
  file.close()
}

const canMount = process.getuid?.() === 0 && mountWorks()

function mountWorks(): boolean {
  const folder = makeTempFolder('mount-probe')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder.path], { stdio: 'ignore' })
    execFileSync('umount', [folder.path])
    return true
  } catch {
    // No right to mount here: the tests that need it are skipped with this reason.
    return false
  } finally {
    folder.remove()
  }
}

describe.skipIf(!canMount)('on a disk of 8 MB (needs the right to mount)', () => {
  const mounts: string[] = []
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close().catch(() => undefined)
    for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount])
  })

  function smallDisk(): string {
    const mount = join(temporaryFolder(), 'disk')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mount])
    mounts.push(mount)
    return mount
  }

  test('a full disk refuses, keeps nothing of the refused, and takes again when there is room', async () => {
    const disk = smallDisk()
    const path = join(disk, 'deliveries.db')
    const log = await openLog(path)
    const kept: number[] = []
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(4 * 1024 * 1024))
    const noise = (i: number) =>
      Uint8Array.from({ length: 200_000 }, (_, at) => Math.imul(at + 1, 2654435761 + i * 7919) >>> 24)
    let refusal: unknown
    for (let i = 0; i < 200 && !refusal; i++) {
      await log.append(deliveryOf(noise(i), { requestId: `request-${i}` })).then(
        (seq) => kept.push(seq),
        (error: unknown) => {
          refusal = error
        },
      )
    }
    expect(refusal).toBeInstanceOf(LogUnavailableError)
    expect((await log.list({ before: null, source: null, limit: 1000 })).map(({ seq }) => seq).toReversed()).toEqual(
      kept,
    )
    rmSync(join(disk, 'ballast'))
    const seq = await log.append(deliveryOf('after the room was made'))
    kept.push(seq)
    await log.close()
    const again = await openLog(path)
    expect((await readAll(openReaders(path))).map((delivery) => delivery.seq)).toEqual(kept)
    expect(Buffer.from((await again.get(seq))?.body ?? []).toString()).toBe('after the room was made')
  })

  test('a disk that became read-only refuses', async () => {
    const disk = smallDisk()
    const log = await openLog(join(disk, 'deliveries.db'))
    await log.append(deliveryOf('a'))
    await log.close()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await expect(openLog(join(disk, 'deliveries.db')).then((again) => again.append(deliveryOf('b')))).rejects.toThrow(
      LogUnavailableError,
    )
  })
})
