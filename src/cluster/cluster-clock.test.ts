import { afterEach, expect, test } from 'vitest'
import { waitUntil } from '../../test/support/wait-until.ts'
import { ClusterClock } from './cluster-clock.ts'

const NOON = Date.parse('2026-01-05T12:00:00Z')
const DAY_MS = 86_400_000

const clocks: ClusterClock[] = []

afterEach(async () => {
  for (const clock of clocks.splice(0)) await clock.close()
})

/** A database and a machine whose clocks the test turns. */
class Surroundings {
  monotonic = 5_000
  database = NOON
  /** How long an answer takes. */
  delayMs = 0
  isAway = false
  readonly faults: unknown[] = []

  async clock(syncEveryMs?: number): Promise<ClusterClock> {
    const clock = await ClusterClock.open({
      readTime: async () => {
        if (this.isAway) throw new Error('away')
        this.pass(this.delayMs / 2)
        const time = this.database
        this.pass(this.delayMs / 2)
        return time
      },
      monotonic: () => this.monotonic,
      onFault: (error) => this.faults.push(error),
      ...(syncEveryMs === undefined ? {} : { syncEveryMs }),
    })
    clocks.push(clock)
    return clock
  }

  pass(ms: number): void {
    this.monotonic += ms
    this.database += ms
  }
}

test('it is the database’s time, and goes on by itself between two syncs', async () => {
  const around = new Surroundings()
  const clock = await around.clock()
  around.pass(90_000)
  expect(clock.now()).toBe(NOON + 90_000)
})

test('a slow answer makes it no more wrong than half of its duration, and never less right than it was', async () => {
  const around = new Surroundings()
  const clock = await around.clock()
  around.delayMs = 4_000
  await clock.sync()
  expect(clock.now()).toBe(around.database)
})

test.each([DAY_MS, 3_600_000, -DAY_MS, -3_600_000])('a wall clock that jumps by %i ms moves nothing', async (jump) => {
  const around = new Surroundings()
  const realNow = Date.now
  const clock = await around.clock()
  try {
    Date.now = () => realNow() + jump
    around.pass(1_000)
    await clock.sync()
    expect(clock.now()).toBe(NOON + 1_000)
  } finally {
    Date.now = realNow
  }
})

test('small corrections never make it run backwards', async () => {
  const around = new Surroundings()
  const clock = await around.clock()
  const before = clock.now()
  around.database -= 300
  await clock.sync()
  expect(clock.now()).toBe(before)
  around.pass(200)
  expect(clock.now()).toBe(before)
  around.pass(200)
  expect(clock.now()).toBe(before + 100)
})

test('when the database’s clock is put back by an hour it follows: all nodes agree again', async () => {
  const around = new Surroundings()
  const clock = await around.clock()
  expect(clock.now()).toBe(NOON)
  around.database -= 3_600_000
  await clock.sync()
  expect(clock.now()).toBe(NOON - 3_600_000)
})

test('it goes on while the database is away, and is right again when it is back', async () => {
  const around = new Surroundings()
  const clock = await around.clock(5)
  around.isAway = true
  await waitUntil(() => around.faults.length > 0, { why: 'a sync has failed' })
  around.pass(60_000)
  expect(clock.now()).toBe(NOON + 60_000)
  around.database += 500
  around.isAway = false
  await waitUntil(() => clock.now() === NOON + 60_500, { why: 'it is right again' })
})

test('it cannot be opened without the database', async () => {
  const around = new Surroundings()
  around.isAway = true
  await expect(around.clock()).rejects.toThrow('away')
})
