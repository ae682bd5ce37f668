import { expect, test } from 'vitest'
import { findLiveMarkup, type MarkupSource } from './live-markup.ts'

const mrkdwn = (text: string, more: object = {}) => ({
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text, ...more } }],
})
const pings = (message: MarkupSource) => findLiveMarkup(message).pings.map((ping) => `${ping.kind} ${ping.target}`)
const links = (message: MarkupSource) => findLiveMarkup(message).links.map((link) => `${link.url} ${link.text}`)

const live: readonly [text: string, ping: string][] = [
  ['<!channel>', 'broadcast channel'],
  ['<!here|here>', 'broadcast here'],
  ['<!everyone>', 'broadcast everyone'],
  ['<@U012ABC>', 'user U012ABC'],
  ['<@W012ABC|somebody>', 'user W012ABC'],
  ['<!subteam^S012ABC|@sre>', 'usergroup S012ABC'],
]
for (const [text, ping] of live) {
  test(`${text} notifies people in text, blocks and attachments`, () => {
    expect(pings({ text })).toEqual([ping])
    expect(pings(mrkdwn(`before ${text} after`, { verbatim: true }))).toEqual([ping])
    expect(pings({ attachments: [{ pretext: text }, { fields: [{ title: 'a', value: text }] }] })).toEqual([ping, ping])
    expect(pings({ attachments: [mrkdwn(text, { verbatim: true })] })).toEqual([ping])
  })
}

const inert: readonly [name: string, message: MarkupSource][] = [
  ['escaped control characters', { text: '&lt;!channel&gt; &lt;@U012ABC&gt; &lt;mailto:a|b&gt;' }],
  [
    'plain_text objects',
    { blocks: [{ type: 'header', text: { type: 'plain_text', text: '<!channel> <https://evil.example|x>' } }] },
  ],
  ['raw names in text', { text: '@here and @channel, but mail root@here.example' }],
  ['raw names and URLs in verbatim mrkdwn', mrkdwn('@here https://evil.example', { verbatim: true })],
  ['channel references', { text: '<#C012ABC|general>' }],
  ['an unclosed control sequence', { text: 'a < b and <!channel' }],
  ['the fallback text of a message with blocks', { text: 'see https://a.example', blocks: [{ type: 'divider' }] }],
]
for (const [name, message] of inert) {
  test(`${name}: nothing is live`, () => {
    expect(findLiveMarkup(message)).toEqual({ pings: [], links: [] })
  })
}

test('parse=full and link_names make raw names live', () => {
  expect(pings({ text: 'hey @here', parse: 'full' })).toEqual(['broadcast here'])
  expect(pings({ text: 'hey @channel', link_names: '1' })).toEqual(['broadcast channel'])
})

test('mrkdwn without verbatim lets Slack parse raw names and URLs by itself', () => {
  const found = findLiveMarkup(mrkdwn('@here https://evil.example/x'))
  expect(found.pings).toMatchObject([{ target: 'here', automatic: true, where: 'blocks/0/text' }])
  expect(found.links).toMatchObject([{ url: 'https://evil.example/x', automatic: true }])
})

test('links are found with their label, in every place that can hold one', () => {
  expect(links({ text: '<https://evil.example|grafana> <mailto:a@b.example> <evil.example>' })).toEqual([
    'https://evil.example grafana',
    'mailto:a@b.example mailto:a@b.example',
    'evil.example evil.example',
  ])
  expect(links({ text: '<!date^1^{date}^https://evil.example|now>' })).toEqual(['https://evil.example now'])
  expect(links({ blocks: [{ type: 'markdown', text: '[grafana](https://evil.example)' }] })).toEqual([
    'https://evil.example grafana',
  ])
  expect(links({ attachments: [{ title: 'Alert', title_link: 'https://a.example' }] })).toEqual([
    'https://a.example Alert',
  ])
  const button = { type: 'button', text: { type: 'plain_text', text: 'Runbook' }, url: 'https://a.example' }
  expect(links({ blocks: [{ type: 'actions', elements: [button] }] })).toEqual(['https://a.example Runbook'])
  expect(links({ text: 'bare (HTTPS://a.example/x)' })).toEqual(['HTTPS://a.example/x HTTPS://a.example/x'])
})

test('escaping takes the label from a link, not the URL from sight', () => {
  const { links: found } = findLiveMarkup({ text: '&lt;https://evil.example|grafana&gt;' })
  expect(found).toMatchObject([{ url: 'https://evil.example', text: 'https://evil.example', automatic: true }])
})

test('rich text is live by its structure', () => {
  const elements = [
    { type: 'broadcast', range: 'here' },
    { type: 'user', user_id: 'U1' },
    { type: 'usergroup', usergroup_id: 'S1' },
    { type: 'link', url: 'https://a.example', text: 'a' },
    { type: 'text', text: '<!channel> https://evil.example' },
  ]
  const message = { blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }] }
  expect(pings(message)).toEqual(['broadcast here', 'user U1', 'usergroup S1'])
  expect(links(message)).toEqual(['https://a.example a'])
})
