import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { channelSettings } from './channel-settings.ts'

const schema = z.strictObject({
  id: z.string().default('mail'),
  host: z.string(),
  user: z.string().optional(),
  password: z.string().min(4, 'is too short; use an app password').optional(),
})

const inFile = channelSettings(schema, {
  secrets: ['password'],
  contradiction: {
    in: ({ user, password }: { readonly user?: string; readonly password?: string }) =>
      (user === undefined) === (password === undefined) && password !== 'guest' ? null : 'needs both; or neither',
  },
})

function objectionTo(settings: object): unknown {
  const [issue] = inFile.safeParse(settings).error?.issues ?? []
  return issue?.code === 'custom' ? issue.params : issue
}

describe('the settings of a channel in the file', () => {
  test('have no id, which stands beside them', () => {
    expect(inFile.safeParse({ host: 'a', id: 'b' }).success).toBe(false)
    expect(inFile.safeParse({ host: 'a' }).success).toBe(true)
  })

  test('hide what is secret', () => {
    const settings = inFile.parse({ host: 'a', user: 'b', password: 'canary' })
    expect(JSON.stringify(settings)).not.toContain('canary')
    expect(`${settings['password']}`).toBe('<secret>')
  })

  const refused: readonly [settings: object, objection: unknown, why: string][] = [
    [
      { host: 'a', user: 'b', password: 'x' },
      { problem: 'is too short', remedy: 'Use an app password.' },
      'in the words of the channel',
    ],
    [{ host: 'a', user: 'b' }, { problem: 'needs both', remedy: 'Or neither.' }, 'what is wrong only together'],
    [
      { host: 'a', user: 'b', password: 'guest' },
      { problem: 'needs both', remedy: 'Or neither.' },
      'which sees secrets in the clear',
    ],
  ]
  for (const [settings, objection, why] of refused) {
    test(`${JSON.stringify(Object.keys(settings))} are refused (${why})`, () => {
      expect(objectionTo(settings)).toEqual(objection)
    })
  }
})
