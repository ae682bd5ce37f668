import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { channelSettings } from './channel-settings.ts'

const schema = z.strictObject({
  id: z.string().default('mail'),
  host: z.string(),
  user: z.string().optional(),
  password: z.string().min(4, 'is too short; use an app password').optional(),
  headers: z.record(z.string(), z.string().max(10, 'is too long; cut it')).default({}),
})

const inFile = channelSettings(schema, {
  secrets: ['password'],
  secretMaps: ['headers'],
  contradiction: {
    in: ({ user, password }: { readonly user?: string; readonly password?: string }) =>
      (user === undefined) === (password === undefined) && password !== 'guest' ? null : 'needs both; or neither',
    at: 'user',
  },
})

function objectionTo(settings: object): unknown {
  const [issue] = inFile.safeParse(settings).error?.issues ?? []
  return issue?.code === 'custom' ? { at: issue.path.join('.'), ...issue.params } : issue
}

describe('the settings of a channel in the file', () => {
  test('have no id, which stands beside them', () => {
    expect(inFile.safeParse({ host: 'a', id: 'b' }).success).toBe(false)
    expect(inFile.safeParse({ host: 'a' }).success).toBe(true)
  })

  test('hide what is secret', () => {
    const settings = inFile.parse({ host: 'a', user: 'b', password: 'canary', headers: { Authorization: 'canary' } })
    expect(settings['headers']).toHaveProperty('Authorization')
    expect(JSON.stringify(settings)).not.toContain('canary')
    expect(`${settings['password']}`).toBe('<secret>')
  })

  const refused: readonly [settings: object, objection: unknown, why: string][] = [
    [
      { host: 'a', user: 'b', password: 'x' },
      { at: 'password', problem: 'is too short', remedy: 'Use an app password.' },
      'in the words of the channel',
    ],
    [
      { host: 'a', user: 'b' },
      { at: 'user', problem: 'needs both', remedy: 'Or neither.' },
      'what is wrong only together',
    ],
    [
      { host: 'a', user: 'b', password: 'guest' },
      { at: 'user', problem: 'needs both', remedy: 'Or neither.' },
      'which sees secrets in the clear',
    ],
    [
      { host: 'a', headers: { Authorization: 'canary-canary' } },
      { at: 'headers.Authorization', problem: 'is too long', remedy: 'Cut it.' },
      'at the name in a map of secrets',
    ],
  ]
  for (const [settings, objection, why] of refused) {
    test(`${JSON.stringify(Object.keys(settings))} are refused (${why})`, () => {
      expect(objectionTo(settings)).toEqual(objection)
    })
  }
})
