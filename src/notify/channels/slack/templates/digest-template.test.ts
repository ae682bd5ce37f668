import { expect, test } from 'vitest'
import { RUNGS } from '../message-rungs.ts'
import { readableMessage } from '../readable-message.ts'
import { rootContentHash } from '../root-content-hash.ts'
import { sampleDigest, sampleDigestOver } from '../sample-messages.ts'
import { digestTemplate } from './digest-template.ts'

const template = digestTemplate()
const read = (...args: Parameters<typeof sampleDigest>) => readableMessage(RUNGS.full(template(sampleDigest(...args))))

test('a storm has the colour of the worst that is open, and is green when it is over', () => {
  expect(template(sampleDigest()).color).toBe('#E01E5A')
  const bySeverity = [{ severity: 'warning', open: 1, total: 9 }] as const
  expect(template(sampleDigest({ bySeverity })).color).toBe('#ECB22E')
  expect(template(sampleDigestOver()).color).toBe('#2EB67D')
})

test('severities are told worst first, and one that nothing has is not told', () => {
  const bySeverity = [
    { severity: 'info', open: 0, total: 0 },
    { severity: 'warning', open: 1, total: 2 },
    { severity: 'critical', open: 3, total: 4 },
  ] as const
  expect(read({ bySeverity }).filter((line) => line.includes(' open of ') && !line.startsWith('∼'))).toEqual(
    expect.arrayContaining(['🚨 CRITICAL: 3 open of 4', '⚠️ WARNING: 1 open of 2']),
  )
  expect(read({ bySeverity }).join()).not.toContain('INFO')
})

test('an incident of a storm is linked where its address is known, and named otherwise', () => {
  const lines = read()
  expect(lines.find((line) => line.includes('INC-1042'))).toContain('INC-1042 <https://example.slack.com/')
  expect(lines).toContain('🚨 INC-1043 Checkout p99 above 2 s · checkout')
})

test('the few that are listed are followed by how many are not', () => {
  expect(read({ open: 2 }).join()).not.toContain('more')
  expect(read({ open: 5 })).toContain('and 3 more')
})

test('a storm that is over says how long it lasted and what is left', () => {
  const lines = readableMessage(RUNGS.full(template(sampleDigestOver())))
  expect(lines.slice(0, 3)).toEqual([
    '✅ Storm over: ~1,200 incidents',
    '12 still open of ∼1,200 incidents',
    'Started: 2024-01-15 14:30:25 UTC | Ended: 2024-01-15 14:55:25 UTC | Duration: 25m Open in Nunchi <https://nunchi.example.com/>',
  ])
  expect(read({ isOver: true, open: 0, top: [] })).toContain('All ∼1,200 incidents are resolved')
})

test('one incident more does not change a great storm', () => {
  const hash = (total: number, now: number) => rootContentHash(template(sampleDigest({ total, now })))
  expect(hash(1_234, 1)).toBe(hash(1_235, 2))
})

test('the cloudwatch presets choose the language', () => {
  expect(digestTemplate({ preset: 'cloudwatch-ko' })(sampleDigest()).headline).toBe('🌀 경보 폭주: 인시던트 ~1,200건')
})
