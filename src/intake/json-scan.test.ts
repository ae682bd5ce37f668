import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJsonDepth, type JsonFault, MAX_JSON_DEPTH, MAX_JSON_MEMBERS, scanJson } from './json-scan.ts'
import { MAX_JSON_ELEMENTS } from './json-scan-ranges.ts'
import { parseJsonSlice, parseRest } from './json-scan-values.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Reads a body the way adapters do: rest and elements apart, then put together again. Undefined when any part is no JSON. */
function readInParts(bytes: Uint8Array): { value: unknown } | undefined {
  const scan = scanJson(bytes, { member: 'alerts' })
  if (!scan.ok) return undefined
  const elements: unknown[] = []
  for (let i = 0; i < (scan.elements?.starts.length ?? 0); i++) {
    const slice = parseJsonSlice(bytes, scan.elements?.starts[i] as number, scan.elements?.ends[i] as number)
    if (!slice.ok) return undefined
    elements.push(slice.value)
  }
  if (scan.root === 'array') return { value: elements }
  if (scan.root === 'scalar') {
    const slice = parseJsonSlice(bytes, scan.start, scan.end)
    return slice.ok ? { value: slice.value } : undefined
  }
  const parsed = parseRest(bytes, scan, 'alerts')
  if (!parsed.ok) return undefined
  if (scan.elements !== null) parsed.rest.alerts = elements
  return { value: parsed.rest }
}

function readWhole(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes)) }
  } catch {
    return undefined
  }
}

const faults: readonly [body: string, expected: string, position: number, why: string][] = [
  ['', 'the body is empty', 0, 'nothing at all'],
  ['  \n', 'the body is empty', 3, 'only blanks'],
  ['{"alerts":[{"a":1},', 'a value', 19, 'cut behind a comma'],
  ['{"alerts":[{"a":1', '"}", the body ends here', 17, 'cut inside an alert'],
  ['{"alerts":[{"a":"x', 'a closing quote', 16, 'cut inside a text, which began there'],
  ['{"alerts":[]', 'a comma or the end of the object', 12, 'cut behind the list'],
  ['{"alerts":[1,]}', 'a value', 13, 'a comma too many'],
  ['[1 2]', 'a comma or the end of the array', 3, 'a comma too few'],
  ['{"a":1,}', 'a key in double quotes', 7, 'a comma too many'],
  ["{'a':1}", 'a key in double quotes', 1, 'JavaScript, not JSON'],
  ['{"a" 1}', 'a colon', 5, 'no colon'],
  ['{"\\x":1}', 'a valid key', 1, 'no such escape'],
  ['[{"a":1]]', '"}"', 7, 'the wrong bracket'],
  ['{} {}', 'the end of the body', 3, 'two bodies in one'],
]

describe('scanJson', () => {
  for (const [body, expected, position, why] of faults) {
    test(`${JSON.stringify(body)} → expected ${expected} at ${position} (${why})`, () => {
      expect(scanJson(bytesOf(body), { member: 'alerts' })).toEqual({
        ok: false,
        position,
        expected: expect.stringContaining(expected),
      })
    })
  }

  test('reading a body in parts gives what JSON.parse gives for the whole', () => {
    const value = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }),
      fc.record(
        {
          alerts: fc.array(fc.jsonValue({ maxDepth: 4 })),
          status: fc.jsonValue({ maxDepth: 2 }),
          __proto__: fc.constant(1),
        },
        { requiredKeys: ['alerts'] },
      ),
    )
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t', '\r\n'), (json, indent) => {
        const bytes = bytesOf(JSON.stringify(json, null, indent))
        expect(JSON.stringify(readInParts(bytes)?.value)).toBe(JSON.stringify(readWhole(bytes)?.value))
      }),
    )
  })

  test('a body that somebody damaged is read in parts exactly when JSON.parse reads it', () => {
    const body = fc
      .jsonValue({ maxDepth: 3 })
      .map((alert) => JSON.stringify({ a: [1.5e3, 'x\\"y'], alerts: [alert, { labels: { a: '\u00e9' } }], z: null }))
    const damage = fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(3),
        fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '0', '-', 'e', 't', 'null', '\\u0041'),
      ),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(body, damage, (text, cuts) => {
        let damaged = text
        for (const [at, length, insert] of cuts)
          damaged =
            damaged.slice(0, at % damaged.length) + insert + damaged.slice((at % damaged.length) + length) || ' '
        const bytes = bytesOf(damaged)
        expect(JSON.stringify(readInParts(bytes)?.value)).toBe(JSON.stringify(readWhole(bytes)?.value))
      }),
      { numRuns: 2_000 },
    )
  })

  test('no bytes make it throw', () => {
    const soup = fc
      .array(fc.constantFrom(...bytesOf('{}[]",:\\ \n01tfn'), 0, 0x80, 0xff), { maxLength: 60 })
      .map((list) => Uint8Array.from(list))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), soup), (bytes) => {
        readInParts(bytes)
        checkJsonDepth(bytes)
      }),
      { numRuns: 2_000 },
    )
  })

  test('the last of two equal keys wins, however it is spelled, and its type counts', () => {
    expect(readInParts(bytesOf('{"alerts":[1,2],"\\u0061lerts":[3]}'))).toEqual({ value: { alerts: [3] } })
    expect(readInParts(bytesOf('{"alerts":[1,2],"alerts":5}'))).toEqual({ value: { alerts: 5 } })
    expect(scanJson(bytesOf('{"alerts":[1],"alerts":{}}'), { member: 'alerts' })).toMatchObject({ elements: null })
  })

  test('a byte order mark is skipped', () => {
    expect(readInParts(bytesOf('\ufeff{"alerts":[1]}'))).toEqual({ value: { alerts: [1] } })
  })

  test('a part of a body can be scanned by itself', () => {
    const bytes = bytesOf('xx{"alerts":[10,20]}yy')
    const scan = scanJson(bytes, { member: 'alerts', from: 2, to: 20 })
    expect(scan).toMatchObject({
      ok: true,
      root: 'object',
      start: 2,
      end: 20,
      elements: { starts: Uint32Array.of(13, 16), ends: Uint32Array.of(15, 18) },
    })
  })

  test('absurd numbers of elements and members are refused before they cost memory', () => {
    expect(scanJson(bytesOf(`[${'1,'.repeat(MAX_JSON_ELEMENTS)}1]`))).toMatchObject({
      ok: false,
      expected: expect.stringContaining('elements'),
    })
    const members = Array.from({ length: MAX_JSON_MEMBERS + 1 }, (_, i) => `"${i}":1`).join(',')
    expect(scanJson(bytesOf(`{${members}}`))).toMatchObject({ ok: false, expected: expect.stringContaining('members') })
  })
})

describe('nesting', () => {
  const nested = (depth: number, open: string, close: string): Uint8Array =>
    bytesOf(open.repeat(depth) + close.repeat(depth))
  const tooDeep = { ok: false, expected: `nesting of at most ${MAX_JSON_DEPTH} levels` }

  for (const depth of [MAX_JSON_DEPTH + 1, 10_000, 100_000, 1_000_000]) {
    test(`${depth} levels are refused where the cap is passed`, () => {
      const position = MAX_JSON_DEPTH
      expect(checkJsonDepth(nested(depth, '[', ']'))).toEqual({ ...tooDeep, position })
      expect(scanJson(nested(depth, '[', ']'))).toEqual({ ...tooDeep, position })
      expect(checkJsonDepth(nested(depth, '{"a":', '}'))).toMatchObject(tooDeep)
      expect(scanJson(bytesOf(`{"alerts":[${'['.repeat(depth)}`), { member: 'alerts' })).toMatchObject(tooDeep)
    })
  }

  test('the cap itself is allowed, in the wanted array too', () => {
    expect(checkJsonDepth(nested(MAX_JSON_DEPTH, '[', ']'))).toEqual({ ok: true })
    expect(scanJson(nested(MAX_JSON_DEPTH, '[', ']'))).toMatchObject({ ok: true })
    const inner = MAX_JSON_DEPTH - 2
    expect(
      scanJson(bytesOf(`{"alerts":[${'['.repeat(inner)}${']'.repeat(inner)}]}`), { member: 'alerts' }),
    ).toMatchObject({ ok: true })
    expect(
      scanJson(bytesOf(`{"alerts":[[${'['.repeat(inner)}${']'.repeat(inner)}]]}`), { member: 'alerts' }),
    ).toMatchObject(tooDeep)
  })

  test('brackets in texts do not nest, whatever is escaped', () => {
    expect(checkJsonDepth(bytesOf(JSON.stringify({ a: `${'['.repeat(1000)}\\"${'{'.repeat(1000)}` })))).toEqual({
      ok: true,
    })
  })

  test('both checks agree on every JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 * MAX_JSON_DEPTH }), (json, depth) => {
        const bytes = bytesOf('[{"a":'.repeat(depth / 2) + JSON.stringify(json) + '}]'.repeat(depth / 2))
        const scan = scanJson(bytes)
        expect(checkJsonDepth(bytes).ok).toBe(scan.ok || !(scan as JsonFault).expected.startsWith('nesting'))
      }),
    )
  })
})

describe('parseRest', () => {
  test('leaves out values that no adapter needs whole, and says which value is no JSON', () => {
    const long = JSON.stringify('x'.repeat(70_000))
    const bytes = bytesOf(`{"long":${long},"alerts":[1,2],"short":1}`)
    const scan = scanJson(bytes, { member: 'alerts' })
    expect(scan.ok && parseRest(bytes, scan, 'alerts')).toEqual({ ok: true, rest: { alerts: [], short: 1 } })
    const broken = bytesOf('{"alerts":[1],"version":tru}')
    const brokenScan = scanJson(broken, { member: 'alerts' })
    expect(brokenScan.ok && parseRest(broken, brokenScan, 'alerts')).toEqual({
      ok: false,
      position: 24,
      expected: 'a valid value of "version"',
    })
  })
})
