import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askDatabase } from '../support/ask-database.ts'
import { type SlackProcess, startSlackProcess } from '../support/fake-slack/run-as-process.ts'
import { makeAlert, makeWebhookBody } from '../support/generate-alerts.ts'
import { assertEverythingHolds } from '../support/nunchi-and-slack.ts'
import { queryMain } from '../support/query-product.ts'
import type { RunningNunchi } from '../support/run-nunchi.ts'
import { SeveralNodes } from '../support/several-nodes.ts'
import { slownessOfMachine } from '../support/slowness-of-machine.ts'
import { SteadyLoad } from '../support/steady-load.ts'
import { makeTempDatabase } from '../support/temp-database.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

/** What a node may log while another one, or its own database connections, are taken away. */
const TROUBLE = [
  /paused/,
  /Folding paused/,
  /could not be renewed/,
  /did not reach the database/,
  /has lost partitions/,
]

let slack: SlackProcess

beforeAll(async () => {
  slack = await startSlackProcess({ limits: 'off' })
})

afterAll(async () => {
  await slack.stop()
})

function note(what: string, ms: number): void {
  console.log(`${what}: ${Math.round(ms)} ms (machine ${slownessOfMachine().toFixed(1)} times as busy as it has cores)`)
}

test('nodes that start at once on an empty database all run and share the work', async () => {
  await using cluster = await SeveralNodes.start(slack, 0)
  await Promise.all([0, 1, 2].map(() => cluster.add()))
  await cluster.untilShared()
  const alert = makeAlert({ labels: { alertname: 'First', severity: 'warning' } })
  const answers = await Promise.all(
    cluster.nodes.map((node) => node.post('/webhook/alertmanager', makeWebhookBody([alert]))),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  const acked = [{ source: 'alertmanager', alert }]
  await assertEverythingHolds({ nunchi: cluster.node(0), slack, acked, timeoutMs: 60_000 })
}, 120_000)

test('a node that stops gracefully gives its partitions to the others within two seconds, and nothing is lost', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const [leaving, staying] = [cluster.node(0), cluster.node(1)]
  const load = new SteadyLoad(cluster.nodes, 'graceful')
  await load.more(40)
  const ended = leaving.term()
  const gapMs = await cluster.untilShared([staying])
  note('graceful hand-over', gapMs)
  expect(gapMs).toBeLessThan(2_000 * slownessOfMachine())
  expect(await ended).toMatchObject({ code: 0 })
  await load.more(20)
  await load.end()
  await assertEverythingHolds({ nunchi: staying, slack, acked: load.sender.acked, allow: TROUBLE, timeoutMs: 120_000 })
  const { nodes } = await cluster.seenBy(staying)
  expect(nodes.map(({ state }) => state).toSorted()).toEqual(['stopped', 'working'])
}, 240_000)

test('what a killed node folded is with the others within fifteen seconds; its successor takes part again', async () => {
  await using cluster = await SeveralNodes.start(slack, 3)
  const [killed, second, third] = [cluster.node(0), cluster.node(1), cluster.node(2)]
  const load = new SteadyLoad(cluster.nodes, 'killed')
  await load.more(40)
  const killedAt = performance.now()
  await killed.kill9()
  await cluster.untilShared([second, third])
  const gapMs = performance.now() - killedAt
  note('take-over after a crash', gapMs)
  expect(gapMs).toBeLessThan(15_000 * slownessOfMachine())
  const { nodes } = await cluster.seenBy(second)
  expect(nodes.map(({ state }) => state).toSorted()).toEqual(['dead', 'working', 'working'])
  await killed.restart()
  note('a third node has its share again', await cluster.untilShared())
  await load.more(20)
  await load.end()
  await assertEverythingHolds({ nunchi: second, slack, acked: load.sender.acked, allow: TROUBLE, timeoutMs: 120_000 })
}, 300_000)

test('the successor of the only node, killed on the same machine, goes on at once: it knows that nobody is left', async () => {
  await using cluster = await SeveralNodes.start(slack, 1)
  const node = cluster.node(0)
  await node.kill9()
  const before = performance.now()
  await node.restart()
  await cluster.untilShared()
  note('restart of the only node after a crash', performance.now() - before)
  const { nodes } = await cluster.seenBy(node)
  expect(nodes.map(({ state, stateReason }) => [state, stateReason])).toEqual([
    ['stopped', 'It was killed.'],
    ['working', null],
  ])
}, 120_000)

test('a node that is stopped for longer than its leases and then goes on does nothing twice, and takes its share again', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const [frozen, other] = [cluster.node(0), cluster.node(1)]
  const load = new SteadyLoad(cluster.nodes, 'frozen')
  await load.more(40)
  const frozenAt = performance.now()
  frozen.signal('SIGSTOP')
  await cluster.untilShared([other])
  const gapMs = performance.now() - frozenAt
  note('take-over from a node that is stopped', gapMs)
  expect(gapMs).toBeLessThan(15_000 * slownessOfMachine())
  await load.more(40)
  await sleep(8_000)
  frozen.signal('SIGCONT')
  note('a woken node has its share again', await cluster.untilShared())
  await load.more(20)
  await load.end()
  for (const nunchi of [other, frozen])
    await assertEverythingHolds({ nunchi, slack, acked: load.sender.acked, allow: TROUBLE, timeoutMs: 120_000 })
}, 300_000)

test('what a process that was stopped in the middle of a transaction holds is free again within ten seconds', async () => {
  const database = await makeTempDatabase()
  const { db } = database
  const row = { name: 'x', owner: null, fence: 1, held_until: 0, taken_at: 0, ran_at: null }
  await db.insertInto('lease').values(row).execute()
  const stopped = database.openAnother()
  let goOn = (): void => undefined
  const isLocked = Promise.withResolvers<void>()
  const stuck = stopped.transaction().execute(async (tx) => {
    await tx.updateTable('lease').set({ fence: 2 }).where('name', '=', 'x').execute()
    isLocked.resolve()
    await new Promise<void>((resolve) => (goOn = resolve))
    await tx.updateTable('lease').set({ fence: 3 }).where('name', '=', 'x').execute()
  })
  await isLocked.promise
  const before = performance.now()
  const isFree = async (): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('lease')
      .set({ fence: 9 })
      .where('name', '=', 'x')
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }
  await waitUntil(isFree, { timeoutMs: 20_000, why: 'the row is free' })
  expect(performance.now() - before).toBeLessThan(10_000 * slownessOfMachine())
  goOn()
  await expect(stuck).rejects.toThrow()
  expect(await db.selectFrom('lease').select('fence').executeTakeFirst()).toEqual({ fence: 9 })
  await database.close()
}, 60_000)

test('the same new alert that reaches all nodes in the same moment is one incident with one root', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const acked = []
  for (let round = 0; round < 10; round++) {
    const alert = makeAlert({ labels: { alertname: `Race${round}`, severity: 'critical' } })
    // Different request ids spread the copies over the partitions, and so over the nodes.
    const sends = cluster.nodes.flatMap((node) =>
      Array.from({ length: 10 }, () => node.post('/webhook/alertmanager', makeWebhookBody([alert]))),
    )
    for (const { status } of await Promise.all(sends)) expect(status).toBe(200)
    acked.push({ source: 'alertmanager', alert })
  }
  await assertEverythingHolds({ nunchi: cluster.node(0), slack, acked, allow: TROUBLE, timeoutMs: 120_000 })
  const incidents = await queryMain(cluster.node(0), "select count(*) as n from incident where title like 'Race%'")
  expect(Number(incidents[0]?.['n'])).toBe(10)
}, 240_000)

test.each([86_400_000, -3_600_000])(
  'a node whose wall clock jumps by %i ms keeps its leases, and its times stay right',
  async (jumpMs) => {
    const folder = makeTempFolder('jump')
    const jumpWhen = join(folder.path, 'jump')
    await using cluster = await SeveralNodes.start(slack, 1)
    const jumping = await cluster.add({
      env: {
        NODE_OPTIONS: `--import ${new URL('../support/jump-clock.mjs', import.meta.url).href}`,
        JUMP_MS: String(jumpMs),
        JUMP_WHEN: jumpWhen,
      },
    })
    await cluster.untilShared()
    const fencesOf = async (): Promise<readonly unknown[]> =>
      (await cluster.seenBy(jumping)).leases
        .filter(({ name }) => name.startsWith('fold/'))
        .map(({ name, fence }) => [name, fence])
    const before = await fencesOf()
    writeFileSync(jumpWhen, '')
    const load = new SteadyLoad([jumping], `jump${jumpMs}`)
    await load.more(40)
    await sleep(12_000)
    await load.end()
    expect(await fencesOf()).toEqual(before)
    const seen = await cluster.seenBy(jumping)
    const offset = seen.nodes.find(({ isSelf }) => isSelf)?.clockOffsetMs ?? 0
    expect(Math.abs(offset - jumpMs)).toBeLessThan(5_000)
    expect(Math.abs(Date.parse(seen.now) - Date.now())).toBeLessThan(5_000)
    await assertEverythingHolds({
      nunchi: jumping,
      slack,
      acked: load.sender.acked,
      allow: TROUBLE,
      timeoutMs: 120_000,
    })
    for (const [table, column] of [
      ['incident', 'opened_at'],
      ['alert_event', 'received_at'],
      ['change_feed', 'at'],
    ]) {
      const [times] = await queryMain(jumping, `select min(${column}) as first, max(${column}) as last from ${table}`)
      expect(Date.now() - Number(times?.['first']), table).toBeLessThan(600_000)
      expect(Number(times?.['last']) - Date.now(), table).toBeLessThan(5_000)
    }
    folder.remove()
  },
  240_000,
)

test('whichever node folds it, POST /alert learns its thread from the node that took it', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  for (let i = 0; i < 4; i++)
    for (const node of cluster.nodes) {
      const body = makeWebhookBody([
        makeAlert({ labels: { alertname: `Told-${node.port}-${i}`, severity: 'warning' } }),
      ])
      const { status, body: answer } = await node.post<{ results: { thread_ts: string | null }[] }>('/alert', body)
      expect(status).toBe(200)
      expect(answer.results[0]?.thread_ts).toMatch(/^\d+\.\d+$/)
    }
}, 120_000)

test('a change made on one node reaches the live streams of every node within a second or so', async () => {
  await using cluster = await SeveralNodes.start(slack, 2)
  const stop = new AbortController()
  const heard = await Promise.all(cluster.nodes.map((node) => listenTo(node, stop.signal)))
  const seenAfter: number[] = []
  for (const [i, node] of cluster.nodes.entries()) {
    const name = `Live${i}`
    const alert = makeAlert({ labels: { alertname: name, severity: 'warning' } })
    await node.post('/webhook/alertmanager', makeWebhookBody([alert]))
    await waitUntil(
      async () =>
        Number((await queryMain(node, `select count(*) as n from incident where title = '${name}'`))[0]?.['n']),
      { why: 'it is folded', timeoutMs: 20_000, intervalMs: 10 },
    )
    const foldedAt = performance.now()
    const hears = heard.map((texts) =>
      waitUntil(() => texts.some((text) => text.includes(name)), { why: `${name} is told`, timeoutMs: 20_000 }),
    )
    await Promise.all(hears)
    seenAfter.push(performance.now() - foldedAt)
  }
  stop.abort()
  note('streams of every node after the fold', Math.max(...seenAfter))
  expect(Math.max(...seenAfter)).toBeLessThan(2_000 * slownessOfMachine())
}, 120_000)

/** The text of what a node streams, from now on. */
async function listenTo(node: RunningNunchi, signal: AbortSignal): Promise<readonly string[]> {
  const response = await fetch(`${node.url}/api/v1/stream`, { signal })
  const texts: string[] = []
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) texts.push(new TextDecoder().decode(chunk))
  }
  read().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  await waitUntil(() => texts.join('').includes('heartbeat'), { why: 'the stream is open', timeoutMs: 20_000 })
  return texts
}

test('a node under which a newer version changed the schema is not ready, says why, refuses, and leaves the work to others', async () => {
  await using cluster = await SeveralNodes.start(slack, 1)
  const node = cluster.node(0)
  await askDatabase(
    node.databaseUrl as string,
    "insert into schema_step (name, breaking, applied_at) values ('20990101-0000-other-world', 1, 0)",
  )
  await waitUntil(async () => (await node.api('/readyz')).status === 503, { why: 'it is not ready', timeoutMs: 20_000 })
  const ready = await node.api<{ reasons: string[] }>('/readyz')
  expect(ready.body.reasons.join(' ')).toMatch(/20990101-0000-other-world.*start that newer version/)
  expect(
    (await node.post('/webhook/alertmanager', makeWebhookBody([makeAlert({ labels: { alertname: 'X' } })]))).status,
  ).toBe(503)
  expect((await node.api('/healthz')).status).toBe(200)
  let held = ''
  const hasNone = async (): Promise<boolean> => {
    const leases = await queryMain(node, 'select name from lease where owner is not null')
    held = leases.map(({ name }) => name).join()
    return held === ''
  }
  await waitUntil(hasNone, {
    why: 'it has given everything back, what one node does for all as well',
    describe: () => held,
    timeoutMs: 20_000,
  })
  expect(await node.term()).toMatchObject({ code: 0 })
}, 120_000)
