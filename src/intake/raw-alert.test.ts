import { expect, test } from 'vitest'
import type { StoredDelivery } from './delivery-log/delivery-log.ts'
import { rawAlertOf } from './raw-alert.ts'
import { createSourceRegistry } from './source-registry.ts'
import { alertmanagerSource } from './sources/alertmanager/alertmanager-source.ts'

const START = '2026-01-05T12:00:00Z'
const alert = (name: string): string =>
  `{"status":"firing","labels":{"alertname":"${name}"},"annotations":{},"startsAt":"${START}","endsAt":"0001-01-01T00:00:00Z","fingerprint":"${name}","n":1.0}`
const source = {
  tenantId: 'default',
  name: 'am',
  kind: 'alertmanager',
  tokenHash: null,
  adapter: alertmanagerSource,
  settings: {},
}
const sources = createSourceRegistry([source])
const wanted = { seq: 1, index: 1, fingerprint: 'b', startsAt: Date.parse(START) }

function readerOf(body: string | null) {
  const delivery: StoredDelivery | null =
    body === null
      ? null
      : {
          seq: 1,
          tenantId: 'default',
          source: 'am',
          sourceKind: 'alertmanager',
          receivedAt: 0,
          requestId: 'r',
          contentType: 'application/json',
          bytesCut: 0,
          body: new TextEncoder().encode(body),
        }
  return { get: async () => delivery }
}

const group = (...alerts: readonly string[]): string =>
  `{"version":"4","status":"firing","alerts":[${alerts.join(',')}]}`

test('the alert is given as it was written, byte for byte', async () => {
  expect(await rawAlertOf(readerOf(group(alert('a'), alert('b'))), sources, wanted)).toBe(alert('b'))
})

test('it is found where it really is when alerts before it meant nothing', async () => {
  expect(await rawAlertOf(readerOf(group(alert('b'), alert('a'))), sources, wanted)).toBe(alert('b'))
})

const gone: readonly [body: string | null, why: string][] = [
  [null, 'retention has removed the body'],
  ['no json', 'the body cannot be read'],
  [group(alert('a')), 'it is not in there'],
  [group(alert('b')) + ' '.repeat(4 * 1024 * 1024), 'the body is too large to be opened for a look'],
]
for (const [body, why] of gone) {
  test(`null when ${why}`, async () => {
    expect(await rawAlertOf(readerOf(body), sources, wanted)).toBeNull()
  })
}

test('null when the source is not configured any more', async () => {
  expect(await rawAlertOf(readerOf(group(alert('b'))), createSourceRegistry([]), wanted)).toBeNull()
})
