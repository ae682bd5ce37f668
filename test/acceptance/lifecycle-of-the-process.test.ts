import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { databaseLocation, openDatabase } from '../../src/store/database.ts'
import { DEFAULT_CHANNEL, type FakeSlack, startFakeSlack } from '../support/fake-slack/fake-slack.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { describeWithImmutableFiles, makeImmutable } from '../support/immutable-files.ts'
import { assertEverythingHolds, startNunchiWithSlack } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import { RetryingSender } from '../support/retrying-sender.ts'
import {
  dropProductStore,
  makeProductStore,
  type RunningNunchi,
  runNunchiCommand,
  startNunchi,
  storeEnv,
} from '../support/run-nunchi.ts'
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts'
import { onlyEmbedded } from '../support/test-size.ts'
import { waitUntil } from '../support/wait-until.ts'

let slack: FakeSlack
let folder: TempFolder

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
  folder = makeTempFolder('lifecycle')
})
afterEach(async () => {
  await slack.close()
  folder.remove()
})

describe('a stop under load', () => {
  test('it is not ready first, answers or refuses what is in flight, ends with 0 in ten seconds, and loses nothing', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const sender = new RetryingSender({ url: () => `${nunchi.url}/webhook/alertmanager`, source: 'alertmanager' })
    const ready = watchReadiness(nunchi)
    let isOver = false
    const load = Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let count = 0; !isOver; count += 1) await sender.deliver(makeWebhookBody([alertOf(`Lane${lane}`, count)]))
      }),
    )
    await waitUntil(() => sender.acked.length > 500, { timeoutMs: 60_000, why: 'there is load' })
    // Under load it may have said for a moment that it is not ready.
    const asked = ready.count()
    const end = await nunchi.term()
    expect(end).toMatchObject({ code: 0, signal: null })
    expect(end.durationMs).toBeLessThan(10_000)
    // Ready until the stop reached it; from then on 503, or nobody listens.
    const answers = (await ready.stop()).slice(asked)
    expect(answers.filter((status) => status !== 200 && status !== 503 && status !== 0)).toEqual([])
    const firstRefusal = answers.findIndex((status) => status !== 200)
    expect(answers.slice(firstRefusal)).not.toContain(200)

    await nunchi.restart()
    isOver = true
    await load
    expect(sender.dropped).toEqual([])
    await assertEverythingHolds({ nunchi, slack, acked: sender.acked, timeoutMs: 120_000 })
  }, 240_000)

  test('a body that is on its way when the stop comes is answered, or its sender knows that it must send it again', async () => {
    await using nunchi = await startNunchiWithSlack(slack)
    const body = JSON.stringify(makeWebhookBody([alertOf('Slow', 1)]))
    const sent = fetch(`${nunchi.url}/webhook/alertmanager`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: trickle(body, 1_500),
      duplex: 'half',
    } as RequestInit).then(
      (response) => response.status,
      () => 0,
    )
    await sleep(500)
    const end = await nunchi.term()
    expect(end).toMatchObject({ code: 0, signal: null })
    const status = await sent
    expect([0, 200, 503]).toContain(status)
    await nunchi.restart()
    const acked = status === 200 ? [{ source: 'alertmanager', alert: alertOf('Slow', 1) }] : []
    await assertEverythingHolds({ nunchi, slack, acked })
  }, 60_000)
})

test('a start says where it listens, and is ready once it says so', async () => {
  await using nunchi = await startNunchi()
  const line = nunchi.log.find(({ msg }) => msg?.startsWith('Nunchi is ready'))
  expect(line?.msg).toBe(`Nunchi is ready at ${nunchi.url}`)
  expect((await nunchi.api('/readyz')).status).toBe(200)
  expect((await nunchi.api('/healthz')).status).toBe(200)
  nunchi.assertNoErrorLogs()
}, 60_000)

describe('a start that cannot be', () => {
  test('on a database that a newer version upgraded: one clear sentence, and nothing is changed', async () => {
    const dataDir = join(folder.path, 'data')
    const store = await makeProductStore()
    onTestFinished(() => dropProductStore(store))
    const nunchi = await startNunchiWithSlack(slack, { dataDir, store })
    await nunchi.post('/webhook/alertmanager', makeWebhookBody([alertOf('Kept', 1)]))
    await waitUntil(() => slack.messages(DEFAULT_CHANNEL).length === 1, { timeoutMs: 30_000, why: 'it is told' })
    await nunchi.stop()
    const step = { name: '29990101-0000-turn-everything-round', breaking: 1, applied_at: 0 }
    const db: Kysely<{ schema_step: typeof step }> = openDatabase(
      databaseLocation(nunchi.databaseUrl ?? `sqlite:${join(dataDir, 'nunchi.db')}`),
    ).withTables<{ schema_step: typeof step }>()
    await db.insertInto('schema_step').values(step).execute()
    await db.destroy()
    const env = { NUNCHI_DATA_DIR: dataDir, ...storeEnv(store) }
    await expectRefusal(env, /newer Nunchi.*29990101-0000-turn-everything-round/)
    expect(await queryMain(nunchi, 'select count(*) as n from alert')).toEqual([{ n: 1 }])
  }, 60_000)

  test('on a port that is taken: one clear sentence', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expectRefusal({ PORT: String(port), NUNCHI_DATA_DIR: join(folder.path, 'data') }, /Port \d+ .*in use/)
    await new Promise<void>((resolve) => other.close(() => resolve()))
  }, 60_000)

  test('on a folder that is none: one clear sentence', async () => {
    const file = folder.write('a-file', 'not a folder')
    await expectRefusal({ NUNCHI_DATA_DIR: file }, /a-file is not a folder/)
    await expectRefusal({ NUNCHI_DATA_DIR: join(file, 'below') }, /not a folder/)
  }, 60_000)

  describeWithImmutableFiles('on a folder that it may not write to', () => {
    test('one clear sentence', async () => {
      const dataDir = join(folder.path, 'locked')
      mkdirSync(dataDir)
      // Permissions alone would not stop root.
      const undo = makeImmutable([dataDir])
      try {
        await expectRefusal({ NUNCHI_DATA_DIR: dataDir }, /may not write to/)
      } finally {
        undo()
      }
    }, 60_000)
  })

  test('on a file that is no database: one clear sentence, and the file stays as it is', async () => {
    const dataDir = join(folder.path, 'data')
    mkdirSync(dataDir)
    folder.write('data/nunchi.db', 'These are the minutes of a meeting. '.repeat(100))
    await expectRefusal({ NUNCHI_DATA_DIR: dataDir }, /no database of Nunchi/)
  }, 60_000)

  onlyEmbedded('on a server several nodes are what one wants', () => {
    test('on a data folder where another one runs: one clear sentence, and the other one goes on', async () => {
      await using first = await startNunchiWithSlack(slack)
      await expectRefusal({ NUNCHI_DATA_DIR: first.dataDir }, /Another Nunchi is running on the data folder/)
      const alert = alertOf('StillTaken', 1)
      expect((await first.post('/webhook/alertmanager', makeWebhookBody([alert]))).status).toBe(200)
      await assertEverythingHolds({ nunchi: first, slack, acked: [{ source: 'alertmanager', alert }] })
    }, 60_000)

    test('two at once on the same new folder: one runs, the other refuses, and the data is whole', async () => {
      const dataDir = join(folder.path, 'data')
      const starts = await Promise.allSettled([1, 2, 3].map(() => startNunchiWithSlack(slack, { dataDir })))
      const running = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
      const refusals = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []))
      try {
        expect(running).toHaveLength(1)
        for (const refusal of refusals) expect(refusal).toMatch(/code 1[\s\S]*Another Nunchi is running/)
        const [nunchi] = running as [RunningNunchi]
        const alert = alertOf('Taken', 1)
        expect((await nunchi.post('/webhook/alertmanager', makeWebhookBody([alert]))).status).toBe(200)
        await assertEverythingHolds({ nunchi, slack, acked: [{ source: 'alertmanager', alert }] })
      } finally {
        for (const nunchi of running) await nunchi.stop()
      }
    }, 90_000)
  })
})

/** Runs `serve` to its end; its output must say what is wrong, once, in words, without a stack. */
async function expectRefusal(env: Readonly<Record<string, string>>, sentence: RegExp): Promise<void> {
  const { code, signal, output } = await runNunchiCommand(['serve'], { PORT: '0', ...env })
  expect({ code, signal, output }).toMatchObject({ code: 1, signal: null, output: expect.stringMatching(sentence) })
  expect(output.match(new RegExp(sentence, 'g'))).toHaveLength(1)
  expect(output).not.toMatch(/^\s+at /m)
}

function alertOf(name: string, count: number) {
  const labels = {
    alertname: name,
    severity: 'warning',
    service: 'shop',
    cluster: 'prod',
    instance: `node-${count % 50}`,
  }
  return makeAlert({ labels, startsAt: new Date(Date.UTC(2026, 0, 5) + count * 1_000) })
}

interface ReadinessWatch {
  /** How many answers there are so far. */
  readonly count: () => number
  /** Ends it; all statuses, 0 where nobody answered. */
  readonly stop: () => Promise<readonly number[]>
}

function watchReadiness(nunchi: RunningNunchi): ReadinessWatch {
  const answers: number[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      answers.push(
        await fetch(`${nunchi.url}/readyz`).then(
          (response) => response.status,
          () => 0,
        ),
      )
      await sleep(5)
    }
  })()
  return {
    count: () => answers.length,
    stop: async () => {
      isOver = true
      await asking
      return answers
    },
  }
}

/** A body that takes its time. */
function trickle(text: string, ms: number): ReadableStream<Uint8Array> {
  const pieces = text.match(/[\s\S]{1,50}/g) ?? []
  return new ReadableStream({
    async pull(controller) {
      const piece = pieces.shift()
      if (piece === undefined) return controller.close()
      await sleep(ms / (text.length / 50))
      controller.enqueue(Buffer.from(piece))
    },
  })
}
