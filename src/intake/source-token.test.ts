import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Source } from './source-registry.ts'
import { presentsTokenOf } from './source-token.ts'

const TOKEN = 'correct:horse'

function sourceWith(token: string | null): Source {
  const tokenHash = token === null ? null : createHash('sha256').update(token).digest()
  return {
    tenantId: 'default',
    name: 'alertmanager',
    kind: 'alertmanager',
    tokenHash,
    adapter: {} as never,
    settings: {},
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

const cases: readonly [authorization: string | undefined, queryToken: unknown, isRight: boolean, why: string][] = [
  [`Bearer ${TOKEN}`, undefined, true, 'what Alertmanager and Grafana send'],
  [`bearer ${TOKEN}`, undefined, true, 'the scheme has no case'],
  [`Bearer  ${TOKEN} `, undefined, true, 'blanks around it are no part of it'],
  [basic('nunchi', TOKEN), undefined, true, 'the password is the token, colons included'],
  [basic('', TOKEN), undefined, true, 'the user name does not matter'],
  [undefined, TOKEN, true, 'senders that can set nothing but an address'],
  ['Bearer of-a-proxy', TOKEN, true, 'a proxy may put its own credentials into the header'],
  [undefined, undefined, false, 'nothing presented'],
  ['Bearer ', undefined, false, 'an empty token is no token'],
  ['Bearer', undefined, false, 'a scheme alone'],
  [TOKEN, undefined, false, 'a token needs a scheme'],
  [`Digest ${TOKEN}`, undefined, false, 'another scheme'],
  ['Bearer correct:hors', undefined, false, 'a beginning of the token'],
  [`Bearer ${TOKEN}e`, undefined, false, 'more than the token'],
  [basic(TOKEN, ''), undefined, false, 'the user name is not the token'],
  ['Basic %%%', undefined, false, 'no base64'],
  [undefined, [TOKEN, 'x'], false, 'several tokens in one query are a mistake'],
  [undefined, 'x'.repeat(100_000), false, 'a token of any length is hashed only up to a limit'],
]
for (const [authorization, queryToken, isRight, why] of cases) {
  test(`${isRight ? 'let in' : 'kept out'}: ${why}`, () => {
    expect(presentsTokenOf(sourceWith(TOKEN), { authorization, queryToken })).toBe(isRight)
  })
}

test('a source without a token has none to present', () => {
  expect(presentsTokenOf(sourceWith(null), { authorization: 'Bearer ', queryToken: '' })).toBe(false)
  expect(presentsTokenOf(sourceWith(null), { authorization: `Bearer ${TOKEN}`, queryToken: undefined })).toBe(false)
})
