import { expect, test } from 'vitest'
import { readMailbox } from './mailbox.ts'
import { emailContradiction, emailSettingsSchema } from './settings-schema.ts'

const good = { host: 'smtp.example.com', from: 'alerts@example.com', to: ['oncall@example.com'] }

test('little must be said', () => {
  expect(emailSettingsSchema.parse(good)).toMatchObject({ id: 'email', port: 587, language: 'en', timeZone: 'UTC' })
})

const mistakes: readonly [settings: object, remedy: string][] = [
  [{ host: 'smtp.example.com:25' }, 'without a port'],
  [{ host: 'smtp://smtp.example.com' }, 'without a port'],
  [{ from: 'alerts' }, 'Name <address>'],
  [{ from: 'a@example.com\r\nBcc: b@example.com' }, 'Name <address>'],
  [{ to: [] }, 'at least one recipient'],
  [{ to: ['a@example.com, b@example.com'] }, 'Name <address>'],
  [{ subjectPrefix: 'a\nb' }, 'one line'],
  [{ timeZone: 'Korea/Seoul' }, 'Asia/Seoul'],
  [{ messagesPerMinute: 0 }, 'more than 0'],
  [{ timeoutMs: 10 }, 'at least 500 ms'],
]
for (const [settings, remedy] of mistakes) {
  test(`${JSON.stringify(settings)} is refused with “${remedy}”`, () => {
    expect(JSON.stringify(emailSettingsSchema.safeParse({ ...good, ...settings }).error?.issues)).toContain(remedy)
  })
}

const contradictions: readonly [settings: object, problem: string | null, why: string][] = [
  [{}, null, 'a server that asks for no login'],
  [{ user: 'a', password: 'canary' }, null, 'STARTTLS is the default'],
  [{ user: 'a' }, 'both', 'half a login'],
  [{ password: 'canary' }, 'both', 'half a login'],
  [{ user: 'a', password: 'canary', encryption: 'none' }, 'unencrypted', 'the password would be readable'],
  [{ user: 'a', password: 'canary', host: 'localhost' }, null, 'it does not leave this machine'],
]
for (const [settings, problem, why] of contradictions) {
  test(`${JSON.stringify(settings)}: ${problem ?? 'fine'} (${why})`, () => {
    const said = emailContradiction(emailSettingsSchema.parse({ ...good, ...settings }))
    expect(said === null ? null : said.includes(problem ?? '-')).toBe(problem === null ? null : true)
    expect(said ?? '').not.toContain('canary')
  })
}

const mailboxes: readonly [text: string, expected: ReturnType<typeof readMailbox>][] = [
  ['alerts@example.com', { name: '', address: 'alerts@example.com' }],
  ['Nunchi <alerts@example.com>', { name: 'Nunchi', address: 'alerts@example.com' }],
  ['"눈치, 운영" <alerts@예시.한국>', { name: '눈치, 운영', address: 'alerts@예시.한국' }],
  ['root@localhost', { name: '', address: 'root@localhost' }],
  ['<alerts@example.com>', { name: '', address: 'alerts@example.com' }],
  ['alerts@example.com>', null],
  ['a@b@example.com', null],
  ['alerts@example..com', null],
  ['alerts @example.com', null],
  ['a@example.com, b@example.com', null],
  ['Nunchi <a@example.com> <b@example.com>', null],
  ['', null],
]
for (const [text, expected] of mailboxes) {
  test(`${text || 'nothing'} → ${expected?.address ?? 'no mailbox'}`, () => {
    expect(readMailbox(text)).toEqual(expected)
  })
}
