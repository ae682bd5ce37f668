import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findGroupKey } from './find-group-key.ts'

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const GROUP = '{}:{alertname="A"}'
const webhook = (alerts: number, facts: object = {}): Uint8Array =>
  bytesOf(
    JSON.stringify({
      alerts: Array.from({ length: alerts }, (_, i) => ({ labels: { i } })),
      groupKey: GROUP,
      ...facts,
    }),
  )

const rows: readonly [body: Uint8Array, key: string | null, why: string][] = [
  [webhook(1), '{}:{alertname=\\"A\\"}', 'as it is written, escapes and all'],
  [webhook(10_000), '{}:{alertname=\\"A\\"}', 'however many alerts stand before it'],
  [bytesOf('{ "groupKey" :\n "a" }'), 'a', 'JSON may have spaces'],
  [webhook(1, { message: 'x'.repeat(60_000) }), '{}:{alertname=\\"A\\"}', 'Grafana writes a message behind it'],
  [webhook(1, { message: 'x'.repeat(70_000) }), null, 'only so much is looked at'],
  [bytesOf('{"message":"the \\"groupKey\\":\\"no\\""}'), null, 'a text that has it in it is no member'],
  [bytesOf('{"groupKey":7}'), null, 'no text'],
  [bytesOf('{"groupKey":""}'), null, 'an empty one names no group'],
  [bytesOf('"groupKey"'), null, 'cut off behind the name'],
  [bytesOf(`{"groupKey":"${'k'.repeat(5_000)}"}`), 'k'.repeat(1022), 'the beginning of a long one'],
  [bytesOf(''), null, 'nothing'],
  [Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) % 256), null, 'no JSON'],
]

test.each(rows)('%#: the key is found near the end', (body, key, _why) => {
  expect(findGroupKey(body)).toBe(key)
})

test('bodies of real senders name their group', () => {
  for (const sample of ['alertmanager/firing-group.json', 'grafana/unified-firing.json']) {
    const body = readFileSync(join(import.meta.dirname, '../../../test/samples', sample))
    expect(findGroupKey(body), sample).toEqual(expect.stringContaining('{'))
  }
})
