/** A body that no honest sender sends. */
export interface HostileBody {
  readonly what: string
  readonly body: Uint8Array
  /** Whether it goes to quarantine whole or in part; false: it is odd, but alerts can be read from it. */
  readonly isQuarantined: boolean
}

const GOOD = alertText('"alertname":"Odd","severity":"warning"')
const BESIDE = alertText('"alertname":"Odd","place":"beside"')

/** Bodies that break parsers, stores and prototypes. */
export const HOSTILE_BODIES: readonly HostileBody[] = [
  quarantined('nothing at all', ''),
  quarantined('a word', 'alerts'),
  quarantined('half of a body', bodyOf(GOOD).slice(0, 60)),
  quarantined('text after the body', `${bodyOf(GOOD)}}`),
  quarantined('a body whose alerts are no list', '{"alerts":{"labels":{}}}'),
  quarantined('numbers in place of alerts', '{"alerts":[1,2,3]}'),
  quarantined('bytes that are no UTF-8 between alerts', [
    ...Buffer.from('{"alerts":['),
    0xff,
    0xfe,
    ...Buffer.from(']}'),
  ]),
  quarantined('ten thousand lists in each other', nested(10_000)),
  quarantined('a million lists in each other', nested(1_000_000)),
  quarantined('objects a hundred thousand deep inside a label', bodyOf(alertText(`"deep":${'{"a":'.repeat(100_000)}`))),
  odd('bytes that are no UTF-8 inside a label', [
    ...Buffer.from('{"alerts":[{"labels":{"alertname":"Odd","note":"'),
    ...[0xc3, 0x28, 0xff],
    ...Buffer.from('"},"status":"firing"}]}'),
  ]),
  odd('NUL in a label', bodyOf(alertText('"alertname":"Odd","note":"a\\u0000b"'))),
  odd('a lone surrogate in a label', bodyOf(alertText('"alertname":"Odd","note":"\\ud800 and \\udfff"'))),
  odd('the same key twice', bodyOf(alertText('"alertname":"Odd","alertname":"Odd","severity":"warning"'))),
  odd('prototypes as labels', bodyOf(alertText('"alertname":"Odd","__proto__":"polluted","constructor":"polluted"'))),
  odd('a prototype beside the alerts', `{"__proto__":{"polluted":"yes","isOpen":true},${bodyOf(BESIDE).slice(1)}`),
  quarantined(
    'a prototype that is no text among the labels',
    '{"alerts":[{"status":"firing","labels":{"alertname":"Odd","__proto__":{"polluted":"yes"}}}]}',
  ),
  odd('a label of a megabyte', bodyOf(alertText(`"alertname":"Odd","note":"${'x'.repeat(1_000_000)}"`))),
  odd('a hundred thousand labels', bodyOf(alertText(`"alertname":"Odd",${manyLabels(100_000)}`))),
]

function quarantined(what: string, body: string | readonly number[]): HostileBody {
  return { what, body: Buffer.from(body as string), isQuarantined: true }
}

function odd(what: string, body: string | readonly number[]): HostileBody {
  return { what, body: Buffer.from(body as string), isQuarantined: false }
}

function alertText(labels: string): string {
  return `{"status":"firing","labels":{${labels}},"annotations":{},"startsAt":"2026-01-05T12:00:00Z"}`
}

function bodyOf(alert: string): string {
  return `{"version":"4","status":"firing","alerts":[${alert}]}`
}

function nested(depth: number): string {
  return `{"alerts":${'['.repeat(depth)}${']'.repeat(depth)}}`
}

function manyLabels(count: number): string {
  return Array.from({ length: count }, (_, index) => `"l${index}":"x"`).join(',')
}
