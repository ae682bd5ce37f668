import { expect, test } from 'vitest'
import type { Listing } from './alert-lister.ts'
import { type JudgedAnswer, trustAnswers } from './trust-answers.ts'

const NOW = Date.parse('2026-11-25T12:00:00Z')
const SETTLE = 600_000

function answer(listing: Partial<Extract<Listing, { kind: 'listed' }>> | 'failed', answersSince = NOW): JudgedAnswer {
  if (listing === 'failed') return { place: 'am-0', listing: { kind: 'failed', problem: '', remedy: '' }, answersSince }
  const old = NOW - 86_400_000
  return {
    place: 'am-0',
    listing: { kind: 'listed', life: 'then', startedAt: old, isReady: true, ...listing },
    answersSince,
  }
}

const cases: readonly [answers: readonly JudgedAnswer[], isTrusted: boolean, why: string][] = [
  [[answer({})], true, 'a server that has been running for a day knows everything'],
  [[answer({ startedAt: NOW - SETTLE + 1 })], false, 'one that has just restarted has an empty memory'],
  [[answer({ startedAt: NOW - SETTLE })], true, 'Prometheus has sent everything again meanwhile'],
  [[answer({ isReady: false })], false, 'one that gathers has not heard its peers'],
  [[answer('failed')], false, 'no answer says nothing'],
  [[answer({}), answer('failed')], false, 'the peer that does not answer may know of the alert'],
  [[answer({}), answer({ startedAt: NOW - 1 })], false, 'Prometheus may reach only the peer that has just restarted'],
  [[answer({}), answer({})], true, 'all peers agree'],
  [
    [answer({ startedAt: null, life: null }, NOW - SETTLE)],
    true,
    'a server without a birthday has answered for long enough',
  ],
  [[answer({ startedAt: null, life: null }, NOW - 1)], false, 'it may have restarted while it did not answer'],
  [[], false, 'nobody was asked'],
]

for (const [answers, isTrusted, why] of cases) {
  test(`absences ${isTrusted ? 'count' : 'do not count'}: ${why}`, () => {
    const trust = trustAnswers(answers, { now: NOW, settleMs: SETTLE })
    expect(trust.isTrusted).toBe(isTrusted)
    expect(trust.doubt === null).toBe(isTrusted || answers.length === 0)
  })
}

test('another life of any server is another life of all', () => {
  const lifeOf = (...answers: readonly JudgedAnswer[]) => trustAnswers(answers, { now: NOW, settleMs: SETTLE }).life
  expect(lifeOf(answer({}), answer({ life: 'later' }))).not.toBe(lifeOf(answer({}), answer({})))
  expect(lifeOf(answer({ life: null }, 5))).not.toBe(lifeOf(answer({ life: null }, 6)))
})

test('where a restart between two polls goes unseen, an absence must outlast one', () => {
  const least = (listing: JudgedAnswer) => trustAnswers([listing], { now: NOW, settleMs: SETTLE }).leastMs
  expect(least(answer({ startedAt: null, life: null }, 0))).toBe(SETTLE)
  expect(least(answer({}))).toBe(0)
})
