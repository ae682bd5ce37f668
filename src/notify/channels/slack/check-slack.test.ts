import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DEFAULT_CHANNEL,
  DEFAULT_TOKEN,
  type FakeSlack,
  startFakeSlack,
} from '../../../../test/support/fake-slack/fake-slack.ts'
import { freePort } from '../../../../test/support/free-port.ts'
import type { SlackFetch } from './call-slack.ts'
import { checkSlack, type SlackProblem } from './check-slack.ts'
import { slackSettingsSchema } from './slack-settings.ts'

let slack: FakeSlack
beforeAll(async () => {
  const tokens = [
    { token: DEFAULT_TOKEN },
    { token: 'xoxb-writer', scopes: ['chat:write'] },
    { token: 'xoxb-revoked', state: 'token_revoked' },
  ] as const
  const channels = [
    { id: DEFAULT_CHANNEL, name: 'alerts' },
    { id: 'CARCHIVED', name: 'old', isArchived: true },
    { id: 'CELSEWHERE', name: 'elsewhere', isMember: false },
  ]
  slack = await startFakeSlack({ limits: 'off', tokens, channels })
})
afterAll(() => slack.close())

async function check(
  settings: Readonly<Record<string, string>> = {},
  fetch?: SlackFetch,
): Promise<readonly SlackProblem[]> {
  const usual = { botToken: DEFAULT_TOKEN, channel: DEFAULT_CHANNEL, apiUrl: slack.apiUrl }
  return await checkSlack(slackSettingsSchema.parse({ ...usual, ...settings }), fetch === undefined ? {} : { fetch })
}

test('a good set-up has no problems', async () => {
  expect(await check()).toEqual([])
})

const blocking: readonly [settings: Readonly<Record<string, string>>, words: RegExp][] = [
  [{ botToken: 'xoxb-revoked' }, /token was revoked/],
  [{ channel: 'CARCHIVED' }, /CARCHIVED \(#old\) is archived/],
  [{ channel: 'CELSEWHERE' }, /not in channel CELSEWHERE \(#elsewhere\)\. Invite it/],
  [{ channel: 'CNOWHERE' }, /knows no channel CNOWHERE/],
]
for (const [settings, words] of blocking) {
  test(`${JSON.stringify(settings)} keeps messages from being posted`, async () => {
    expect(await check(settings)).toEqual([{ isBlocking: true, detail: expect.stringMatching(words) }])
  })
}

test('a Slack that cannot be reached is a problem too', async () => {
  const [problem] = await check({ apiUrl: `http://127.0.0.1:${await freePort()}/api/` })
  expect(problem).toMatchObject({ isBlocking: true, detail: expect.stringContaining('cannot be reached') })
})

test('a bot that may only write can work, and is told what it cannot do', async () => {
  expect(await check({ botToken: 'xoxb-writer' })).toContainEqual({
    isBlocking: false,
    detail: expect.stringContaining('channels:read'),
  })
})

function withScopes(scopes: string): SlackFetch {
  return async (url, init) => {
    const response = await fetch(url, init)
    return new Response(await response.text(), { status: response.status, headers: { 'x-oauth-scopes': scopes } })
  }
}

test('scopes that Slack names are checked before a message needs them', async () => {
  expect(await check({}, withScopes('channels:read,channels:history'))).toEqual([
    { isBlocking: true, detail: expect.stringContaining('chat:write') },
  ])
  expect(await check({}, withScopes('chat:write,channels:read'))).toEqual([
    { isBlocking: false, detail: expect.stringContaining('channels:history') },
  ])
  expect(await check({ channel: 'CELSEWHERE' }, withScopes('chat:write,chat:write.public,channels:history'))).toEqual(
    [],
  )
})
