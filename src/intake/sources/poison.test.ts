import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALERT_CAPS } from './alert-caps.ts'
import { alertmanagerSource } from './alertmanager/alertmanager-source.ts'
import { genericSource } from './generic/generic-source.ts'
import { grafanaSource } from './grafana/grafana-source.ts'
import type { ParsedAlerts, ReadableDelivery, SourceAdapter, Unreadable } from './source-adapter.ts'

const RECEIVED_AT = Date.UTC(2026, 10, 21, 4)
const KINDS: readonly SourceAdapter<never>[] = [alertmanagerSource, grafanaSource, genericSource]
const LABELS = '{"alertname":"DiskFull","severity":"critical"}'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function open(
  adapter: SourceAdapter<never>,
  body: Uint8Array,
  contentType = 'application/json',
): ReadableDelivery | Unreadable {
  return adapter.open({ bytes: body, contentType, receivedAt: RECEIVED_AT }, {} as never)
}

function read(adapter: SourceAdapter<never>, body: Uint8Array, contentType?: string): ParsedAlerts {
  const opened = open(adapter, body, contentType)
  if (!opened.ok) throw new Error(opened.reason)
  return opened.slice(0, opened.alertCount)
}

const alertWith = (members: string): string =>
  `{"status":"firing","labels":${LABELS},"fingerprint":"f1","startsAt":"2026-11-21T03:30:00Z"${members}}`
const bodyOf = (...alerts: readonly string[]): Uint8Array => bytesOf(`{"version":"4","alerts":[${alerts.join(',')}]}`)

/** Every text in what adapters give can be stored in every database, and so can the texts in the kept JSON. */
function expectStorable(value: unknown): void {
  if (typeof value === 'string') {
    expect(value.isWellFormed(), JSON.stringify(value)).toBe(true)
    expect(value.includes('\0'), JSON.stringify(value)).toBe(false)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      expectStorable(name)
      expectStorable(member)
      if (name === 'raw') expectStorable(parsed(member as string))
    }
  }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return null
  }
}

describe('one bad alert in a batch', () => {
  const bad: readonly [alert: string, path: string, reason: string][] = [
    [alertWith(',"labels":{"alertname":{"x":1}}'), 'alerts[250].labels.alertname', 'must be a text, not an object'],
    [alertWith(',"status":["firing"]'), 'alerts[250].status', 'not an array'],
    ['null', 'alerts[250]', 'must be an object, not null'],
    ['{"labels":{"alertname":tru}}', 'alerts[250]', 'is not valid JSON'],
    ['{"labels":{"alertname":"a\u0000b"}}', 'alerts[250]', 'is not valid JSON'],
    [
      alertWith(`,"annotations":{"a":"${'x'.repeat(ALERT_CAPS.elementBytes)}"}`),
      'alerts[250]',
      'at most 2097152 bytes of one alert',
    ],
  ]
  for (const [alert, path, reason] of bad) {
    test(`${alert.slice(0, 70)} leaves 499 read and is a problem at ${path}`, () => {
      const alerts = Array.from({ length: 500 }, (_, i) => (i === 250 ? alert : alertWith(`,"fingerprint":"f${i}"`)))
      const { events, problems } = read(alertmanagerSource, bodyOf(...alerts))
      expect(events.length).toBe(499)
      expect(problems).toEqual([{ path, reason: expect.stringContaining(reason), raw: expect.any(String) }])
      expect(Buffer.byteLength(problems[0]?.raw ?? '')).toBeLessThanOrEqual(ALERT_CAPS.rawBytes)
      expectStorable(problems)
    })
  }
})

describe('damaged bodies', () => {
  const body = bodyOf(alertWith(''), alertWith(',"annotations":{"summary":"두 번째"}'))

  for (const adapter of KINDS) {
    test(`${adapter.kind}: cut anywhere, a body is unreadable with the place and what was expected`, () => {
      for (let length = 0; length < body.length; length++) {
        expect(open(adapter, body.subarray(0, length))).toEqual({
          ok: false,
          reason: expect.stringMatching(/expected .+ at byte \d+/),
        })
      }
      expect(read(adapter, body).events.length).toBe(2)
    })

    test(`${adapter.kind}: no nesting overflows anything`, () => {
      for (const depth of [65, 10_000, 100_000, 1_000_000]) {
        for (const deep of [
          '['.repeat(depth) + ']'.repeat(depth),
          `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
          '['.repeat(depth),
        ]) {
          expect(open(adapter, bodyOf(alertWith(`,"annotations":{"a":${deep}}`)))).toEqual({
            ok: false,
            reason: expect.stringContaining('nesting of at most 64 levels'),
          })
          expect(open(adapter, bytesOf(deep), 'text/plain')).toEqual({
            ok: false,
            reason: expect.stringContaining('nesting of at most 64 levels'),
          })
        }
      }
    })

    test(`${adapter.kind}: bodies that are no alerts are unreadable or problems, never an exception`, () => {
      for (const text of [
        '',
        ' ',
        'null',
        '5',
        '"x"',
        'true',
        '[]',
        '[[]]',
        '[null]',
        '{}',
        '{"alerts":5}',
        '{"alerts":[[]]}',
        '{"alerts":"x"}',
        '[{"alerts":5}]',
        '{"": ""}',
        '\u0000',
        'a=b',
      ]) {
        const opened = open(adapter, bytesOf(text))
        expectStorable(opened.ok ? opened.slice(0, opened.alertCount) : opened.reason)
      }
    })
  }

  test('bytes that are not UTF-8 become the replacement character', () => {
    const bytes = Buffer.concat([
      bytesOf('{"alerts":[{"labels":{"alertname":"a'),
      Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      bytesOf('b"}}]}'),
    ])
    const { events } = read(alertmanagerSource, bytes)
    expect(events[0]?.labels.alertname).toMatch(/^a\ufffd+\(\ufffd+b$/)
    expectStorable(events)
  })

  test('the last of two equal keys wins at every level', () => {
    const { events } = read(
      alertmanagerSource,
      bytesOf(`{"alerts":[5],"alerts":[${alertWith(',"labels":{"alertname":"first","alertname":"last"}')}]}`),
    )
    expect(events.map((event) => event.labels.alertname)).toEqual(['last'])
  })

  test('a byte order mark in front changes nothing', () => {
    expect(read(alertmanagerSource, bytesOf('\ufeff{"alerts":[{"labels":{"alertname":"A"}}]}')).events.length).toBe(1)
  })
})

describe('prototypes', () => {
  const poisoned = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"alerts":[{"__proto__":{"status":"resolved","polluted":1},"title":"t","labels":{"__proto__":"a","constructor":"b","toString":"c"},"annotations":{"__proto__":"d"}}]}`

  for (const adapter of KINDS) {
    test(`${adapter.kind}: keys that name a prototype are names like any other`, () => {
      const { events, problems } = read(adapter, bytesOf(poisoned))
      expect(problems).toEqual([])
      const [event] = events
      expect(event?.status).toBe('firing')
      expect(Object.keys(event?.labels ?? {}).sort()).toEqual(['__proto__', 'constructor', 'toString'])
      expect(JSON.stringify(event?.labels)).toBe('{"__proto__":"a","constructor":"b","toString":"c"}')
      expect(event?.labels.valueOf).toBeUndefined()
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    })
  }
})

describe('sizes', () => {
  test('a hundred thousand labels are cut, and the fingerprint still tells all of them apart', () => {
    const manyLabels = (last: string): string =>
      JSON.stringify({ ...Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`label${i}`, 'v'])), last })
    const fingerprints = ['a', 'b'].map((last) => {
      const [event] = read(alertmanagerSource, bytesOf(`[{"labels":${manyLabels(last)}}]`)).events
      expect(Object.keys(event?.labels ?? {}).length).toBe(ALERT_CAPS.labelCount)
      expect(event?.raw.length).toBe(ALERT_CAPS.rawBytes)
      return event?.fingerprint
    })
    expect(fingerprints[0]).not.toBe(fingerprints[1])
  })

  test('a label, an annotation and a title of a megabyte are cut', () => {
    const long = '🚨'.repeat(250_000)
    const [event] = read(
      alertmanagerSource,
      bodyOf(
        alertWith(
          `,"labels":{"alertname":"${long}","${'n'.repeat(5000)}":"v"},"annotations":{"description":"${long}"}`,
        ),
      ),
    ).events
    expect(event?.labels.alertname?.length).toBe(ALERT_CAPS.labelValue)
    expect(Object.keys(event?.labels ?? {}).map((name) => name.length)).toEqual([9, ALERT_CAPS.labelName])
    expect(event?.annotations.description?.length).toBe(ALERT_CAPS.annotationValue)
    expect(event?.title.length).toBe(ALERT_CAPS.title)
    expectStorable(event)
  })

  test('an alert keeps at most 64 KiB of its JSON, also where its bytes are no UTF-8', () => {
    const bytes = Buffer.concat([bytesOf('[{"labels":{"a":"'), Buffer.alloc(200_000, 0xff), bytesOf('"}}]')])
    expect(Buffer.byteLength(read(alertmanagerSource, bytes).events[0]?.raw ?? '')).toBeLessThanOrEqual(
      ALERT_CAPS.rawBytes,
    )
  })

  test('a group of 100,000 alerts is read in slices, none of which holds up the others for long', () => {
    const alerts = Array.from({ length: 100_000 }, (_, i) =>
      alertWith(
        `,"annotations":{"summary":"Disk of db-${i} is full"},"generatorURL":"http://prometheus.example.org/graph?g0.expr=${'x'.repeat(300)}","fingerprint":"f${i}"`,
      ),
    )
    const opened = open(alertmanagerSource, bodyOf(...alerts))
    if (!opened.ok) throw new Error(opened.reason)
    let count = 0
    let longestMs = 0
    for (let from = 0; from < opened.alertCount; from += 500) {
      const began = performance.now()
      count += opened.slice(from, from + 500).events.length
      longestMs = Math.max(longestMs, performance.now() - began)
    }
    expect(count).toBe(100_000)
    expect(longestMs).toBeLessThan(200)
  })
})

describe('whatever is sent', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'firing',
      'resolved',
      '0001-01-01T00:00:00Z',
      '2026-11-21T03:30:00.5Z',
      'https://a.example.org/x',
      'javascript:x',
      '\0',
      '\ud800',
      '__proto__',
    ),
  )
  const anything = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.oneof(
        text,
        fc.constantFrom(
          'alerts',
          'labels',
          'annotations',
          'status',
          'startsAt',
          'endsAt',
          'generatorURL',
          'fingerprint',
          'title',
          'key',
          'state',
          'ruleId',
          'ruleName',
          'tags',
          'evalMatches',
        ),
      ),
      tie('value'),
      { maxKeys: 8 },
    ),
  }))
  const alert = fc.record(
    {
      status: fc.oneof(text, anything.value),
      labels: anything.object,
      annotations: anything.object,
      startsAt: text,
      endsAt: text,
      generatorURL: text,
      fingerprint: text,
      title: text,
      state: fc.constantFrom('alerting', 'ok', 'x'),
      ruleId: fc.nat(2),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(alert, fc.record({ alerts: fc.array(alert) }), fc.array(alert), anything.value, anything.object)
  // JSON.stringify escapes lone surrogates and NUL; `raw` strings below hold them as bytes.
  const bytes = fc.oneof(
    body.map((json) => bytesOf(JSON.stringify(json) ?? '')),
    text.map(bytesOf),
    fc.uint8Array({ maxLength: 100 }),
  )
  const contentType = fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded', '')

  for (const adapter of KINDS) {
    test(`${adapter.kind}: nothing throws, and what comes out can be stored and told`, () => {
      fc.assert(
        fc.property(bytes, contentType, (input, type) => {
          const opened = open(adapter, input, type)
          if (!opened.ok) {
            expectStorable(opened.reason)
            return
          }
          const { events, problems } = opened.slice(0, opened.alertCount)
          expect(events.length + problems.length).toBeLessThanOrEqual(opened.alertCount)
          expectStorable({ events, problems, remarks: opened.remarks })
          for (const event of events) {
            expect(event.fingerprint).toMatch(/^[!-~]{1,128}$/)
            expect(event.title).toMatch(/^\S(?:[^\p{Cc}]*\S)?$/u)
            expect(Number.isSafeInteger(event.startsAt) && event.startsAt > 0).toBe(true)
            for (const link of Object.values(event.links)) expect(new URL(link as string).protocol).toMatch(/^https?:$/)
            for (const label of Object.values(event.labels)) expect(typeof label).toBe('string')
          }
        }),
        { numRuns: 500 },
      )
    })

    test(`${adapter.kind}: slices of any length give what the whole gives`, () => {
      fc.assert(
        fc.property(fc.array(alert, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (alerts, length) => {
          const opened = open(adapter, bytesOf(JSON.stringify({ alerts })))
          if (!opened.ok) return
          const whole = opened.slice(0, opened.alertCount)
          const events: unknown[] = []
          const problems: unknown[] = []
          for (let from = 0; from < opened.alertCount; from += length) {
            const slice = opened.slice(from, from + length)
            events.push(...slice.events)
            problems.push(...slice.problems)
          }
          expect({ events, problems }).toEqual({ events: [...whole.events], problems: [...whole.problems] })
        }),
        { numRuns: 100 },
      )
    })
  }
})
