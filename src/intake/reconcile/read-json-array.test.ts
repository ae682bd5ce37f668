import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJsonArray } from './read-json-array.ts'

async function elementsOf(text: string, chunkBytes: number): Promise<readonly object[]> {
  const bytes = Buffer.from(text)
  async function* chunks() {
    for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes)
  }
  return await Array.fromAsync(readJsonArray(chunks()))
}

test('the objects of any array come out as they went in, however it is cut into chunks', async () => {
  const objects = fc.array(
    fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    { maxLength: 5 },
  )
  await fc.assert(
    fc.asyncProperty(objects, fc.integer({ min: 1, max: 40 }), fc.boolean(), async (list, size, isPretty) => {
      const text = JSON.stringify(list, null, isPretty ? 2 : undefined)
      expect(await elementsOf(text, size)).toEqual(JSON.parse(text))
    }),
  )
})

const broken: readonly [text: string, why: string][] = [
  ['', 'nothing at all is no empty list'],
  ['[', 'an array that never ends may have held anything'],
  ['[{"a":1}', 'half an answer is not the whole'],
  ['[{"a":1},{"b"', 'an element that breaks off'],
  ['{"status":"error"}', 'an object instead of a list'],
  ['null', 'no list'],
  ['[1]', 'an element that is no alert'],
  ['[{"a":}]', 'an element that is not JSON'],
  ['[] trailing', 'something behind the end'],
  ['<html>', 'the page of a proxy'],
]

for (const [text, why] of broken) {
  test(`${JSON.stringify(text)} is refused: ${why}`, async () => {
    await expect(elementsOf(text, 4)).rejects.toThrow(/answer/)
  })
}

test('an alert that is too large is refused before it lies in memory whole', async () => {
  let given = 0
  async function* endless() {
    yield Buffer.from('[{"a":"')
    for (;;) {
      given += 65_536
      yield Buffer.alloc(65_536, 0x61)
    }
  }
  await expect(Array.fromAsync(readJsonArray(endless()))).rejects.toThrow(/larger than 2 MiB/)
  expect(given).toBeLessThan(3 * 1024 * 1024)
})
