import { expect, test } from 'vitest'
import { webhookContradiction, webhookSettingsSchema } from './settings-schema.ts'

const url = 'https://hooks.example.com/in?token=canary-in-the-url'

const mistakes: readonly [settings: object, remedy: string][] = [
  [{ url: 'hooks.example.com/canary' }, 'begins with https://'],
  [{ url: 'ftp://hooks.example.com/canary' }, 'begins with https://'],
  [{ url: 'https://user:canary@hooks.example.com/' }, 'headers'],
  [{ url, secret: 'canary' }, 'at least 16 characters'],
  [{ url, headers: { 'X-Nunchi-Signature': 'canary' } }, 'sets itself'],
  [{ url, headers: { 'Content-Length': '1' } }, 'sets itself'],
  [{ url, headers: { 'Transfer-Encoding': 'chunked' } }, 'sets itself'],
  [{ url, headers: { 'a b': 'canary' } }, 'name of an HTTP header'],
  [{ url, headers: { authorization: 'canary\r\nX-Evil: 1' } }, 'one line'],
  [{ url, timeoutMs: 100 }, 'at least 500 ms'],
  [{ url, messagesPerSecond: 0 }, 'more than 0'],
]
for (const [settings, remedy] of mistakes) {
  test(`${JSON.stringify(settings)} is refused with “${remedy}”, and no secret is repeated`, () => {
    const { error } = webhookSettingsSchema.safeParse(settings)
    const said = JSON.stringify(error?.issues.map(({ message, ...issue }) => [message, 'input' in issue]))
    expect(said).toContain(remedy)
    expect(said).not.toContain('canary')
  })
}

test('http:// needs leave: a network of one’s own, or open eyes', () => {
  const plain = { url: 'http://hooks.example.com/' }
  const problemOf = (settings: object) => webhookContradiction(webhookSettingsSchema.parse(settings))
  expect(problemOf(plain)).toContain('allowPrivateAddresses')
  expect(problemOf({ ...plain, allowPrivateAddresses: true })).toBeNull()
  expect(problemOf({ ...plain, allowUnencrypted: true })).toBeNull()
  expect(problemOf({ url })).toBeNull()
})
