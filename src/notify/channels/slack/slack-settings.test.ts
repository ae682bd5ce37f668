import { expect, test } from 'vitest'
import { slackSettingsSchema, slackWebhookSettingsSchema } from './slack-settings.ts'

const good = { botToken: 'xoxb-1-a', channel: 'C0123456789' }

test('a token and a channel are enough', () => {
  expect(slackSettingsSchema.parse(good)).toEqual({
    ...good,
    id: 'slack',
    apiUrl: 'https://slack.com/api/',
    workspace: 'default',
    editsPerMinute: 50,
    template: {
      preset: 'default',
      language: 'en',
      timeZone: null,
      titlePrefix: null,
      footer: null,
      flapQuietMs: 300_000,
      hasButtons: true,
    },
    postsPerSecond: 1,
    burst: 4,
    timeoutMs: 10_000,
  })
})

test('an address without its last slash gets one, or the client would drop the last word of it', () => {
  expect(slackSettingsSchema.parse({ ...good, apiUrl: 'http://127.0.0.1:1/api' }).apiUrl).toBe(
    'http://127.0.0.1:1/api/',
  )
})

const mistakes: readonly [setting: Readonly<Record<string, unknown>>, words: RegExp][] = [
  [{ botToken: 'xapp-1-secret' }, /app-level token, which cannot post; use the Bot User OAuth Token/],
  [{ botToken: 'xoxp-secret' }, /not a bot's token/],
  [{ botToken: 'https://hooks.slack.com/services/secret' }, /is an address; for an incoming webhook/],
  [{ botToken: 'secret' }, /no token of Slack/],
  [{ channel: '#alerts' }, /name of a channel; use its id such as C0123456789/],
  [{ channel: 'alerts' }, /name of a channel/],
  [{ channel: '0123' }, /no channel of Slack/],
  [{ apiUrl: 'slack.com' }, /absolute address/],
  [{ apiUrl: 'http://slack.example.com/api/' }, /must begin with https/],
  [{ apiUrl: 'https://me:secret@slack.com/api/' }, /user name or password/],
  [{ postsPerSecond: 0 }, /more than 0/],
  [{ timeoutMs: 10 }, /at least 500 ms/],
]
for (const [setting, words] of mistakes) {
  test(`${JSON.stringify(setting)} is explained without being repeated`, () => {
    const { error } = slackSettingsSchema.safeParse({ ...good, ...setting })
    const [name = ''] = Object.keys(setting)
    expect(error?.issues).toEqual([expect.objectContaining({ path: [name], message: expect.stringMatching(words) })])
    expect(error?.issues[0]?.message).not.toContain('secret')
  })
}

test('every mistake is told at once', () => {
  expect(slackSettingsSchema.safeParse({ botToken: '', channel: '', colour: 1 }).error?.issues).toHaveLength(3)
})

test('a webhook needs its URL only', () => {
  const url = 'https://hooks.slack.com/services/T0/B0/x'
  expect(slackWebhookSettingsSchema.parse({ url })).toMatchObject({ id: 'slack-webhook', url })
  expect(slackWebhookSettingsSchema.safeParse({ url: 'http://hooks.slack.com/services/T0/B0/x' }).success).toBe(false)
})
