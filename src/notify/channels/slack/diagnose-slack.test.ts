import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DEFAULT_APP_TOKEN,
  DEFAULT_CHANNEL,
  DEFAULT_TOKEN,
  type FakeSlack,
  startFakeSlack,
} from '../../../../test/support/fake-slack/fake-slack.ts'
import { type DiagnosedWorkspace, diagnoseSlack } from './diagnose-slack.ts'
import { NEEDED_SCOPES } from './slack-scopes.ts'

let slack: FakeSlack
const scopes = NEEDED_SCOPES.map(({ scope }) => scope)
const without = (scope: string) => scopes.filter((each) => each !== scope)

beforeAll(async () => {
  slack = await startFakeSlack({
    limits: 'off',
    channels: [
      { id: DEFAULT_CHANNEL, name: 'alerts' },
      { id: 'CARCHIVED', name: 'old', isArchived: true },
      { id: 'CELSEWHERE', name: 'elsewhere', isMember: false },
    ],
    tokens: [
      { token: DEFAULT_TOKEN, scopes },
      { token: DEFAULT_APP_TOKEN },
      { token: 'xoxb-mute', scopes: without('chat:write') },
      { token: 'xoxb-blind', scopes: without('users:read.email') },
      { token: 'xoxb-more', scopes: [...scopes, 'files:write'] },
      { token: 'xoxb-revoked', state: 'token_revoked' },
    ],
  })
})
afterAll(async () => await slack.close())

async function diagnose(
  over: Partial<DiagnosedWorkspace> = {},
  now: () => number = Date.now,
): Promise<readonly string[]> {
  const workspace: DiagnosedWorkspace = {
    name: 'default',
    botToken: DEFAULT_TOKEN,
    signingSecret: '0123456789abcdef0123456789abcdef',
    appToken: null,
    apiUrl: slack.apiUrl,
    channels: [DEFAULT_CHANNEL],
    hasPeople: false,
    ...over,
  }
  const deps = { fetch: globalThis.fetch, now, signal: new AbortController().signal }
  const findings = await diagnoseSlack(deps, workspace)
  for (const { level, remedy } of findings) expect(remedy === null).toBe(level === 'fine')
  return findings.map(({ level, what }) => `${level}: ${what}`)
}
const notFine = (findings: readonly string[]) => findings.filter((finding) => !finding.startsWith('fine'))

test('a good set-up has nothing but good news, and nothing is posted', async () => {
  expect(notFine(await diagnose({ appToken: DEFAULT_APP_TOKEN }))).toEqual([])
  expect(slack.posts()).toEqual([])
})

const bad: readonly [why: string, over: Partial<DiagnosedWorkspace>, found: RegExp][] = [
  ['a revoked token', { botToken: 'xoxb-revoked' }, /^blocking: .*token_revoked/],
  ['a Slack that cannot be reached', { apiUrl: 'http://127.0.0.1:1024/' }, /^blocking: .*cannot be reached/],
  ['a bot that may not post', { botToken: 'xoxb-mute' }, /^blocking: The scope chat:write is missing/],
  ['hidden e-mail addresses', { botToken: 'xoxb-blind' }, /^warning: The scope users:read.email is missing/],
  ['hidden addresses of named people', { botToken: 'xoxb-blind', hasPeople: true }, /^blocking: .*read.email/],
  ['a scope too many', { botToken: 'xoxb-more' }, /^warning: The token may do more .*files:write/],
  ['an archived channel', { channels: ['CARCHIVED'] }, /^blocking: #old \(CARCHIVED\) is archived/],
  ['a channel without the bot', { channels: ['CELSEWHERE'] }, /^blocking: The bot is not in #elsewhere/],
  ['a channel that is not there', { channels: ['CNOWHERE'] }, /^blocking: There is no channel CNOWHERE/],
  ['no way for clicks', { signingSecret: null }, /^warning: Nothing that people click arrives/],
  ['an odd signing secret', { signingSecret: 'not-a-signing-secret' }, /^warning: The signing secret does not look/],
  ['an app-level token that is none', { appToken: 'xapp-other' }, /^blocking: Socket Mode does not open/],
]
for (const [why, over, found] of bad) {
  test(`${why} is found`, async () => {
    const findings = notFine(await diagnose(over))
    expect(findings).toEqual([expect.stringMatching(found)])
    expect(findings.join()).not.toMatch(/xoxb-revoked|xapp-other|not-a-signing/)
  })
}

test('a clock that differs is found', async () => {
  expect(notFine(await diagnose({}, () => Date.now() + 120_000))).toEqual([expect.stringMatching(/^warning: .*12\d s/)])
  expect(notFine(await diagnose({}, () => Date.now() - 300_000))).toEqual([
    expect.stringMatching(/^blocking: The clock/),
  ])
})
