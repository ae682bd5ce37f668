import { expect, test } from 'vitest'
import { ChannelHealth } from './channel-health.ts'

function healthAt(start = 0) {
  const clock = { now: start }
  return { clock, health: new ChannelHealth({ now: () => clock.now, probeMs: 60, outageMs: 600 }) }
}

test('a channel that refuses is closed at once, and asked by one message when a probe is due', () => {
  const { clock, health } = healthAt()
  health.refused('a', 'archived')
  expect(health.closed('a')).toMatchObject({ detail: 'archived', isRefused: true })
  clock.now = 60
  expect(health.closed('a')).toBeNull()
  expect(health.closed('a')).not.toBeNull()
})

test('an outage closes a channel only after a while without any success', () => {
  const { clock, health } = healthAt()
  health.failed('a', 'HTTP 503')
  expect(health.closed('a')).toBeNull()
  clock.now = 300
  expect(health.worked('a')).toBe(false)
  health.failed('a', 'HTTP 503')
  clock.now = 899
  health.failed('a', 'HTTP 503')
  expect(health.needsStandIn('a')).toBe(false)
  clock.now = 900
  expect(health.needsStandIn('a')).toBe(true)
  expect(health.closed('a')).toMatchObject({ since: 300, isRefused: false })
})

test('a success opens it again, and is told as the end of a closure once', () => {
  const { health } = healthAt()
  health.refused('a', 'archived')
  expect(health.worked('a')).toBe(true)
  expect(health.worked('a')).toBe(false)
  expect(health.closed('a')).toBeNull()
})

test('one channel says nothing about another', () => {
  const { health } = healthAt()
  health.refused('a', 'archived')
  expect(health.closed('b')).toBeNull()
})
