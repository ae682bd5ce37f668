import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fingerprintOfLabels } from './alert-fingerprint.ts'

const OFFSET_BASIS = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n

/** The definition, word for word, with BigInt and an encoder of the host. */
function referenceFingerprint(labels: Record<string, string>): string {
  let hash = OFFSET_BASIS
  const names = Object.keys(labels).map((name) => Buffer.from(name))
  for (const name of names.sort(Buffer.compare)) {
    const value = Buffer.from(labels[name.toString()] ?? '')
    for (const byte of Buffer.concat([name, Buffer.from([0xff]), value, Buffer.from([0xff])]))
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME)
  }
  return hash.toString(16).padStart(16, '0')
}

const highCpu = (instance: string) => ({ alertname: 'HighCpu', case: 'main', instance, severity: 'critical' })

const captured: readonly [labels: Record<string, string>, fingerprint: string, why: string][] = [
  [highCpu('web-1'), 'b05481e0c29fcfc4', 'recorded from Alertmanager'],
  [highCpu('web-2'), 'ae62c57d6a0ab783', 'recorded from Alertmanager'],
  [highCpu('web-3'), 'e38fcd76b86ca9f6', 'recorded from Alertmanager'],
  [
    { severity: 'critical', instance: 'web-1', case: 'main', alertname: 'HighCpu' },
    'b05481e0c29fcfc4',
    'the order of the labels does not matter',
  ],
  [{}, 'cbf29ce484222325', 'no labels are the start value'],
]

for (const [labels, fingerprint, why] of captured) {
  test(`${JSON.stringify(labels)} → ${fingerprint} (${why})`, () => {
    expect(fingerprintOfLabels(labels)).toBe(fingerprint)
  })
}

test('every label set of well-formed text gives what the definition gives', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(
      fc.dictionary(text, text, { noNullPrototype: true }),
      (labels) => fingerprintOfLabels(labels) === referenceFingerprint(labels),
    ),
  )
})

test('names are ordered by code point, not by UTF-16 unit', () => {
  const labels = { '\u{10000}': 'a', '\uffee': 'b', z: 'c' }
  expect(fingerprintOfLabels(labels)).toBe(referenceFingerprint(labels))
})

test('a value cannot borrow from the name beside it', () => {
  expect(fingerprintOfLabels({ ab: 'c' })).not.toBe(fingerprintOfLabels({ a: 'bc' }))
})

test('a lone surrogate counts as the replacement character', () => {
  expect(fingerprintOfLabels({ host: '\ud800x' })).toBe(fingerprintOfLabels({ host: '\ufffdx' }))
})
