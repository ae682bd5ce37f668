import { beforeEach, describe, expect, test } from 'vitest'
import { ASIDE_SHARE_BYTES, FairShare, SHARE_BYTES } from './fair-share.ts'

const MIB = 1024 * 1024
const SECOND = 1_000

let now: number
let share: FairShare
let seq: number

beforeEach(() => {
  now = Date.parse('2026-01-05T12:00:00Z')
  share = new FairShare(() => now)
  seq = 0
})

function store(source: string, bytes: number): number {
  expect(share.enter(source, bytes)).toBe(true)
  seq += 1
  share.leave(source, bytes, { partition: 'log', seq })
  return seq
}

function foldedUpTo(position: number, deferred: readonly number[]): void {
  share.folded([{ partition: 'log', position, deferred }])
}

function backlogOf(source: string): number | undefined {
  return new Map(share.backlogs()).get(source)
}

describe('who is admitted', () => {
  const rows: readonly [isAdmitted: boolean, what: string, given: () => void][] = [
    [true, 'a source that nobody has heard of', () => undefined],
    [true, 'a source that floods alone: it delays only itself', () => store('noisy', 62 * MIB)],
    [
      false,
      'a source above its share beside one that delivered',
      () => {
        store('quiet', 1)
        store('noisy', SHARE_BYTES + 1)
      },
    ],
    [
      false,
      'the same when the other came later: who comes first gains nothing',
      () => {
        store('noisy', SHARE_BYTES + 1)
        store('quiet', 1)
      },
    ],
    [
      true,
      'a source with exactly its share: the limit is what is above',
      () => {
        store('quiet', 1)
        store('noisy', SHARE_BYTES)
      },
    ],
    [
      false,
      'one whose share is made of many small deliveries',
      () => {
        store('quiet', 1)
        for (let i = 0; i <= SHARE_BYTES / 1024; i++) store('noisy', 100)
      },
    ],
    [
      false,
      'one whose neighbour delivered 29 s ago: its next delivery must find a short queue',
      () => {
        foldedUpTo(store('quiet', 1), [])
        now += 29 * SECOND
        store('noisy', SHARE_BYTES + 1)
      },
    ],
    [
      true,
      'one whose neighbour has been silent for 30 s',
      () => {
        foldedUpTo(store('quiet', 1), [])
        now += 30 * SECOND
        store('noisy', SHARE_BYTES + 1)
      },
    ],
    [
      true,
      'one whose neighbour was only refused by the log: nothing of it waits behind this one',
      () => {
        share.enter('quiet', 1)
        share.leave('quiet', 1, null)
        store('noisy', SHARE_BYTES + 1)
      },
    ],
    [
      true,
      'one of which the database has not said for 5 s how far it is folded: not knowing is no reason to refuse',
      () => {
        store('noisy', SHARE_BYTES + 1)
        store('quiet', 1)
        now += 5 * SECOND + 1
      },
    ],
    [
      false,
      'one of which the database says again and again that nothing was folded',
      () => {
        store('noisy', SHARE_BYTES + 1)
        store('quiet', 1)
        for (let i = 0; i < 3; i++) {
          now += 4 * SECOND
          foldedUpTo(0, [])
        }
      },
    ],
    [
      true,
      'one whose backlog is folded up to its share',
      () => {
        store('quiet', 1)
        const first = store('noisy', MIB)
        store('noisy', SHARE_BYTES)
        foldedUpTo(first, [])
      },
    ],
    [
      false,
      'one whose bodies are on the way to the disk: a thousand that were admitted together must not all pass',
      () => {
        store('quiet', 1)
        share.enter('noisy', SHARE_BYTES + 1)
      },
    ],
    [
      true,
      'one with the largest body put aside: it is folded in slices between the others',
      () => {
        store('quiet', 1)
        foldedUpTo(store('noisy', ASIDE_SHARE_BYTES), [2])
      },
    ],
    [
      false,
      'one with several large bodies put aside: they hold up the large ones of others',
      () => {
        store('quiet', 1)
        foldedUpTo(store('noisy', ASIDE_SHARE_BYTES), [2])
        foldedUpTo(store('noisy', MIB), [2, 3])
      },
    ],
    [
      true,
      'one whose large bodies are folded, slice by slice',
      () => {
        store('quiet', 1)
        foldedUpTo(store('noisy', ASIDE_SHARE_BYTES + 1), [2])
        foldedUpTo(2, [])
      },
    ],
  ]
  test.each(rows)('%s: %s', (isAdmitted, _what, given) => {
    given()
    expect(share.admits('noisy')).toBe(isAdmitted)
    expect(share.enter('noisy', 1)).toBe(isAdmitted)
    expect(share.admits('quiet')).toBe(true)
  })
})

test('two that flood are both limited, and each again free when its own backlog is folded', () => {
  store('a', SHARE_BYTES + 1)
  store('b', SHARE_BYTES + 1)
  expect([share.admits('a'), share.admits('b')]).toEqual([false, false])
  foldedUpTo(1, [])
  expect([share.admits('a'), share.admits('b')]).toEqual([true, false])
  foldedUpTo(2, [])
  expect([share.admits('a'), share.admits('b')]).toEqual([true, true])
})

test('what is known after a long rest counts from the first delivery on, not from the last reading', () => {
  store('quiet', 1)
  foldedUpTo(1, [])
  now += 20 * SECOND
  store('noisy', SHARE_BYTES + 1)
  expect(share.admits('noisy')).toBe(false)
})

test('every byte that was counted is given back, whatever the order of sizes, positions and failures', () => {
  const sizes = [1, 5_000, 70_000, 100, 2 * MIB, 1, 64 * 1024, 3]
  for (const bytes of sizes) {
    store('a', bytes)
    store('b', bytes)
    share.enter('a', bytes)
    share.leave('a', bytes, null)
  }
  const cost = sizes.reduce((sum, bytes) => sum + Math.max(1024, bytes), 0)
  expect([backlogOf('a'), backlogOf('b')]).toEqual([cost, cost])
  expect(share.isWaiting).toBe(true)
  foldedUpTo(10, [9, 10])
  expect(backlogOf('a')).toBeGreaterThanOrEqual(2 * MIB)
  foldedUpTo(seq, [])
  expect([backlogOf('a'), backlogOf('b')]).toEqual([0, 0])
  expect(share.isWaiting).toBe(false)
  expect(share.admits('a')).toBe(true)
})

test('a delivery that was folded before it was counted goes with the next reading', () => {
  foldedUpTo(7, [])
  share.enter('a', MIB)
  share.leave('a', MIB, { partition: 'log', seq: 7 })
  expect(backlogOf('a')).toBe(MIB)
  foldedUpTo(7, [])
  expect(backlogOf('a')).toBe(0)
})

test('what lies in several partitions goes as each of them is folded, whatever their numbers', () => {
  const place = (partition: string, at: number) => ({ partition, seq: at })
  for (const at of [place('log/0', 1024), place('log/1', 9217), place('log/0', 5120), place('log/1', 10241)]) {
    share.enter('a', MIB)
    share.leave('a', MIB, at)
  }
  share.folded([
    { partition: 'log/0', position: 5120, deferred: [] },
    { partition: 'log/1', position: 0, deferred: [] },
  ])
  expect(backlogOf('a')).toBe(2 * MIB)
  share.folded([
    { partition: 'log/0', position: 5120, deferred: [] },
    { partition: 'log/1', position: 10_241, deferred: [9217] },
  ])
  expect(backlogOf('a')).toBe(MIB)
})
