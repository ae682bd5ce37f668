import { randomBytes } from 'node:crypto'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AckedAlert } from '../support/check-invariants.ts'
import { countDeliveries } from '../support/delivery-log-state.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody, type WebhookAlert } from '../support/generate-alerts.ts'
import { holdLock } from '../support/hold-lock.ts'
import { describeWithImmutableFiles, makeImmutable } from '../support/immutable-files.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { pendingWork } from '../support/settle.ts'
import { describeWithSmallDisks, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { waitUntil } from '../support/wait-until.ts'

const PATH = '/webhook/alertmanager'
const STORAGE_ERRORS = [/paused/i, /disk/i, /SQLITE/, /database is locked/, /cannot/i]

let slack: FakeSlack
let nextAlert = 0

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
})
afterEach(async () => {
  await slack.close()
})

describeWithSmallDisks('a disk that is full', () => {
  test('it is answered 503 until there is room again; then all goes on without a restart and nothing is lost', async () => {
    using disk = mountSmallDisk(24)
    await using nunchi = await startNunchiWithSlack(slack, { dataDir: join(disk.path, 'data') })
    const tally = new Tally(nunchi)
    for (let count = 0; count < 5; count += 1) expect(await tally.send(1_000)).toBeLessThan(300)

    const ballast = fillDisk(disk, 512 * 1_024)
    for (let count = 0; count < 400 && tally.statuses.at(-1) !== 503; count += 1) await tally.send(30_000)
    expect(tally.statuses.at(-1)).toBe(503)
    for (let count = 0; count < 20; count += 1) await tally.send(200_000)
    expect(tally.statuses.slice(-20)).toEqual(Array.from({ length: 20 }, () => 503))
    expect((await nunchi.api('/readyz')).status).toBe(503)
    expect((await nunchi.api('/healthz')).status).toBe(200)

    rmSync(ballast)
    await waitUntil(async () => (await tally.send(1_000)) < 300, { timeoutMs: 30_000, why: 'alerts are taken again' })
    await waitUntil(async () => (await nunchi.api('/readyz')).status === 200, { timeoutMs: 30_000, why: 'it is ready' })
    expect(tally.statuses.filter((status) => status >= 300 && status !== 503)).toEqual([])
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked, allow: STORAGE_ERRORS })
    expectWholeFiles(nunchi.dataDir)
  }, 180_000)

  test('a start on a read-only file system is refused in one clear sentence, and works once it can be written', async () => {
    using disk = mountSmallDisk(24)
    await using nunchi = await startNunchiWithSlack(slack, { dataDir: join(disk.path, 'data') })
    const tally = new Tally(nunchi)
    expect(await tally.send(1_000)).toBeLessThan(300)
    await waitUntil(() => slack.messages(DEFAULT_CHANNEL).length === 1, { timeoutMs: 30_000, why: 'it is told' })
    await nunchi.term()
    disk.remount('ro')
    await expect(nunchi.restart()).rejects.toThrow(/code 1[\s\S]*read-only/)
    disk.remount('rw')
    await nunchi.restart()
    expect(await tally.send(1_000)).toBeLessThan(300)
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked, allow: STORAGE_ERRORS })
    expectWholeFiles(nunchi.dataDir)
  }, 120_000)
})

describeWithImmutableFiles('a file system that goes read-only under the running program', () => {
  test('it is not ready and never answers 2xx; once it can be written again all goes on without a restart', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const tally = new Tally(nunchi)
    expect(await tally.send(1_000)).toBeLessThan(300)
    const names = ['deliveries.db', 'deliveries.db-wal', 'nunchi.db', 'nunchi.db-wal']
    const undo = makeImmutable(names.map((name) => join(nunchi.dataDir, name)))
    try {
      for (let count = 0; count < 10; count += 1) expect(await tally.send(1_000)).toBe(503)
      expect((await nunchi.api('/readyz')).status).toBe(503)
    } finally {
      undo()
    }
    await waitUntil(async () => (await tally.send(1_000)) < 300, { timeoutMs: 30_000, why: 'alerts are taken again' })
    await waitUntil(async () => (await nunchi.api('/readyz')).status === 200, { timeoutMs: 30_000, why: 'it is ready' })
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked, allow: STORAGE_ERRORS })
    expectWholeFiles(nunchi.dataDir)
  }, 120_000)
})

describe('a database that another program holds', () => {
  test('the write lock of the main database: alerts are taken meanwhile and folded afterwards', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const tally = new Tally(nunchi)
    expect(await tally.send(1_000)).toBeLessThan(300)
    const letGo = await holdLock(join(nunchi.dataDir, 'nunchi.db'), 'write-lock')
    const until = performance.now() + 15_000
    while (performance.now() < until) {
      expect(await tally.send(1_000)).toBeLessThan(300)
      await sleep(100)
    }
    expect((await pendingWork(nunchi)).toFold).toBeGreaterThan(0)
    await letGo()
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked, allow: STORAGE_ERRORS })
  }, 120_000)

  test('a long read of the main database stops nothing', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const tally = new Tally(nunchi)
    expect(await tally.send(1_000)).toBeLessThan(300)
    const letGo = await holdLock(join(nunchi.dataDir, 'nunchi.db'), 'long-read')
    for (let count = 0; count < 100; count += 1) expect(await tally.send(5_000)).toBeLessThan(300)
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked })
    await letGo()
  }, 120_000)

  test('the write lock of the delivery log: late or 503, and what is answered 2xx is there', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const tally = new Tally(nunchi)
    const letGo = await holdLock(join(nunchi.dataDir, 'deliveries.db'), 'write-lock')
    const during = await Promise.all(Array.from({ length: 20 }, () => tally.send(1_000)))
    expect(during.filter((status) => status !== 503)).toEqual([])
    expect(await countDeliveries(nunchi)).toBe(0)
    const late = tally.send(1_000)
    await letGo()
    await late
    await waitUntil(async () => (await tally.send(1_000)) < 300, { timeoutMs: 30_000, why: 'alerts are taken again' })
    await assertEverythingHolds({ nunchi, slack, acked: tally.acked, allow: STORAGE_ERRORS })
    expect(await countDeliveries(nunchi)).toBe(tally.acked.length)
  }, 120_000)
})

describe('an answer that never reaches the sender', () => {
  test('what was stored nevertheless is sent again and counts once', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const proxy = await TcpProxy.start(nunchi.port)
    const url = () => `http://127.0.0.1:${proxy.port}${PATH}`
    const sender = new RetryingSender({ url, source: 'alertmanager' })
    for (let count = 0; count < 10; count += 1) {
      // The first byte of the answer breaks the connection: the body is stored, and its sender cannot know.
      proxy.resetAfter('down', 1)
      expect(await sender.deliver(makeWebhookBody([alertOf(500)]))).toBe(true)
    }
    await proxy.close()
    await assertEverythingHolds({ nunchi, slack, acked: sender.acked })
    expect(sender.retries).toBeGreaterThanOrEqual(10)
    expect(await countDeliveries(nunchi)).toBeGreaterThanOrEqual(20)
    expect(await queryMain(nunchi, 'select count(*) as n, max(occurrences) as most from alert')).toEqual([
      { n: 10, most: 1 },
    ])
    expect(await queryMain(nunchi, 'select count(*) as n from incident')).toEqual([{ n: 10 }])
    expect(slack.roots(DEFAULT_CHANNEL)).toHaveLength(10)
  }, 120_000)
})

/** Sends alerts one at a time without trying again, and remembers every answer. */
class Tally {
  readonly statuses: number[] = []
  readonly acked: AckedAlert[] = []
  readonly #nunchi: RunningNunchi

  constructor(nunchi: RunningNunchi) {
    this.#nunchi = nunchi
  }

  async send(bytes: number): Promise<number> {
    const alert = alertOf(bytes)
    const { status } = await this.#nunchi.post(PATH, makeWebhookBody([alert]))
    this.statuses.push(status)
    if (status >= 200 && status < 300) this.acked.push({ source: 'alertmanager', alert })
    return status
  }
}

/** An alert of its own incident, with a description that does not compress. */
function alertOf(bytes: number): WebhookAlert {
  nextAlert += 1
  const labels = { alertname: `Stored${nextAlert}`, severity: 'warning', service: 'shop', cluster: 'prod' }
  const description = randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64')
  return makeAlert({ labels, annotations: { summary: `Stored ${nextAlert}`, description }, startsAt: new Date() })
}

/** Takes the room of a disk but for `leftBytes`; answers the file to remove. */
function fillDisk(disk: SmallDisk, leftBytes: number): string {
  const ballast = join(disk.path, 'ballast')
  const { bavail, bsize } = statfsSync(disk.path)
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)))
  return ballast
}

function expectWholeFiles(dataDir: string): void {
  for (const name of ['nunchi.db', 'deliveries.db']) {
    const db = new DatabaseSync(join(dataDir, name), { readOnly: true })
    const answer = db.prepare('pragma integrity_check').all()
    db.close()
    expect(answer).toEqual([{ integrity_check: 'ok' }])
  }
}
