import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

test('a secret shows itself nowhere but in reveal()', () => {
  const secret = new Secret('canary')
  const shown = [
    `${secret}`,
    `${`${secret as unknown as string}`}`,
    JSON.stringify({ deep: [secret] }),
    inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    format('%s %o %j', secret, secret, secret),
    String(secret),
    Object.entries(secret).join(),
    JSON.stringify(structuredClone({ ...secret })),
  ]
  for (const text of shown) expect(text).not.toContain('canary')
  expect(secret.reveal()).toBe('canary')
})
