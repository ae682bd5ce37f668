import { describe, expect, test } from 'vitest'
import { DifferenceMemory, type Poll } from './difference-memory.ts'
import type { AnswerTrust } from './trust-answers.ts'

const MINUTE = 60_000
const TRUSTED: AnswerTrust = { isTrusted: true, life: 'one', leastMs: 0, doubt: null }
const DOUBTED: AnswerTrust = { ...TRUSTED, isTrusted: false, doubt: 'it has just restarted' }
const MANY = Array.from({ length: 20 }, (_, i) => `other-${i}`)

type PollChanges = {
  readonly ours?: readonly string[]
  readonly theirs?: readonly string[]
  readonly unheard?: readonly string[]
} & Partial<Omit<Poll<string, string>, 'unheard'>>

/** A clock of polls, a minute apart: what fires with us is `ours`, and what is listed `theirs`. */
class Watch {
  readonly memory = new DifferenceMemory<string, string>({ everyMs: MINUTE, missingForMs: 3 * MINUTE })
  at = 0

  poll(changes: PollChanges) {
    const { ours = [], theirs = MANY, unheard = [], ...more } = changes
    this.at += MINUTE
    const due = this.memory.observe({
      at: this.at,
      trust: TRUSTED,
      firing: new Map(ours.map((name) => [name, name])),
      listed: new Set(theirs),
      unheard: new Map(unheard.map((name) => [name, name])),
      isComplete: true,
      ...more,
    })
    return { over: due.over.map(({ alert }) => alert), unheard: due.unheard.map(({ alert }) => alert) }
  }

  /** How many polls it takes until the end of `a` is healed; null = not within `most`. */
  pollsUntilOver(changes: Parameters<Watch['poll']>[0], most = 30): number | null {
    for (let polls = 1; polls <= most; polls++)
      if (this.poll({ ours: ['a'], ...changes }).over.includes('a')) return polls
    return null
  }
}

describe('the end of an alert', () => {
  test('is healed once, when it was missing for the whole grace time', () => {
    const watch = new Watch()
    expect(watch.pollsUntilOver({})).toBe(4)
    expect(watch.memory.counts.over).toBe(0)
  })

  test('needs three polls, however far they lie apart', () => {
    const watch = new Watch()
    watch.memory.observe({
      at: 0,
      trust: TRUSTED,
      firing: new Map(),
      listed: new Set(MANY),
      unheard: new Map(),
      isComplete: true,
    })
    const patient = new DifferenceMemory<string, string>({ everyMs: 10 * MINUTE, missingForMs: MINUTE })
    const at = (time: number) =>
      patient.observe({
        at: time,
        trust: TRUSTED,
        firing: new Map([['a', 'a']]),
        listed: new Set(MANY),
        unheard: new Map(),
        isComplete: true,
      }).over.length
    expect([at(0), at(10 * MINUTE), at(20 * MINUTE)]).toEqual([0, 0, 1])
  })

  test('is counted anew after the alert was listed once', () => {
    const watch = new Watch()
    for (let i = 0; i < 3; i++) watch.poll({ ours: ['a'] })
    watch.poll({ ours: ['a'], theirs: [...MANY, 'a'] })
    expect(watch.pollsUntilOver({})).toBe(4)
  })

  test('is never healed while the answers do not count', () => {
    expect(new Watch().pollsUntilOver({ trust: DOUBTED })).toBeNull()
    expect(new Watch().pollsUntilOver({ trust: DOUBTED, theirs: [] })).toBeNull()
  })

  test('is counted anew after an answer that does not count', () => {
    const watch = new Watch()
    for (let i = 0; i < 3; i++) watch.poll({ ours: ['a'] })
    watch.poll({ ours: ['a'], trust: DOUBTED })
    expect(watch.pollsUntilOver({})).toBe(4)
  })

  test('is counted within one life of the servers', () => {
    const watch = new Watch()
    for (let i = 0; i < 3; i++) watch.poll({ ours: ['a'] })
    expect(watch.pollsUntilOver({ trust: { ...TRUSTED, life: 'two' } })).toBe(4)
  })

  test('waits twice as long when the list is empty, or less than half of what it was', () => {
    expect(new Watch().pollsUntilOver({ theirs: [] })).toBe(7)
    const watch = new Watch()
    watch.poll({ ours: ['a'], theirs: [...MANY, 'a'] })
    expect(watch.pollsUntilOver({ theirs: MANY.slice(0, 8) })).toBe(7)
  })

  test('waits as long as a restart could go unseen', () => {
    expect(new Watch().pollsUntilOver({ trust: { ...TRUSTED, leastMs: 10 * MINUTE } })).toBe(11)
  })

  test('is counted anew after a long gap, or when the clock goes back', () => {
    for (const jump of [10 * MINUTE, -5 * MINUTE]) {
      const watch = new Watch()
      for (let i = 0; i < 3; i++) watch.poll({ ours: ['a'] })
      watch.at += jump
      expect(watch.pollsUntilOver({})).toBe(4)
    }
  })
})

describe('an alert that we never heard of', () => {
  test('is healed once, when it was listed for the whole grace time', () => {
    const watch = new Watch()
    const due = Array.from({ length: 6 }, () => watch.poll({ unheard: ['b'] }).unheard.length)
    expect(due).toEqual([0, 0, 0, 1, 0, 0])
  })

  test('is healed after a restart of its sender too: what is listed fires', () => {
    const watch = new Watch()
    for (let i = 0; i < 3; i++) watch.poll({ unheard: ['b'], trust: DOUBTED })
    expect(watch.poll({ unheard: ['b'], trust: DOUBTED }).unheard).toEqual(['b'])
  })

  test('is forgotten when it is not listed any more, but not because a server did not answer', () => {
    const watch = new Watch()
    for (let i = 0; i < 2; i++) watch.poll({ unheard: ['b'] })
    watch.poll({ isComplete: false })
    expect(watch.poll({ unheard: ['b'] }).unheard).toEqual(['b'])
    for (let i = 0; i < 3; i++) watch.poll({ unheard: ['c'] })
    watch.poll({})
    expect(watch.poll({ unheard: ['c'] }).unheard).toEqual([])
  })
})
