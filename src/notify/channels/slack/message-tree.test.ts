import { expect, test } from 'vitest'
import type { Mention } from '../../channel.ts'
import {
  bold,
  foreignLink,
  link,
  mention,
  plainText,
  strong,
  textObject,
  timeAgo,
  value,
  words,
} from './message-tree.ts'

test('bold words, a value and a link become mrkdwn that only we have formatted', () => {
  const runbook = link('https://wiki.example.com/a?b=1&c=2', 'View Runbook')
  const nodes = [
    bold('Service:'),
    words(' '),
    value('R&D <!here>'),
    words('\n'),
    ...(runbook === null ? [] : [runbook]),
  ]
  expect(textObject(nodes)).toEqual({
    type: 'mrkdwn',
    text: '*Service:* R&amp;D &lt;!here&gt;\n<https://wiki.example.com/a?b=1&amp;c=2|View Runbook>',
    verbatim: true,
  })
})

test('a value that would format itself is sent as plain text, exactly as it is', () => {
  expect(textObject([bold('Instance:'), words(' '), value('*.example.com')])).toEqual({
    type: 'plain_text',
    text: 'Instance: *.example.com',
    emoji: false,
  })
})

test('beside a link such a value gets look-alikes, because plain text would lose the link', () => {
  const home = link('https://example.com', 'Open')
  expect(home && textObject([value('*x*'), words(' '), home])).toMatchObject({
    type: 'mrkdwn',
    text: '∗x∗ <https://example.com/|Open>',
  })
})

const refused: readonly [url: string, why: string][] = [
  ['javascript:alert(1)', 'it would run'],
  ['/relative', 'it leads nowhere from Slack'],
  ['ftp://example.com', 'only http and https'],
  ['https://grafana.example.com@evil.example/', 'it reads as the wrong host'],
  [`https://example.com/${'x'.repeat(3_000)}`, 'it would fill the section'],
  ['', 'nothing is there'],
]
for (const [url, why] of refused) {
  test(`${url.slice(0, 50)} is no link (${why})`, () => {
    expect(link(url, 'View Runbook')).toBeNull()
  })
}

test('an address cannot end its own link', () => {
  const sneaky = link('https://example.com/a|<!channel>|b?<x>#<!here>', 'Open')
  expect(sneaky && textObject([sneaky]).text).toBe(
    '<https://example.com/a%7C%3C!channel%3E%7Cb?%3Cx%3E#%3C!here%3E|Open>',
  )
})

test('a label of somebody else is followed by the host that the link leads to', () => {
  const foreign = foreignLink('https://evil.example/login', 'grafana.example.com')
  expect(foreign && textObject([foreign]).text).toBe('<https://evil.example/login|grafana.example.com (evil.example)>')
  expect(foreignLink('https://evil.example/login', ' ')?.label).toBe('evil.example')
})

test('a label of somebody else cannot end the link either', () => {
  const foreign = foreignLink('https://example.com/', 'a> <!channel> <b|c')
  expect(foreign && textObject([foreign]).text).toBe(
    '<https://example.com/|a&gt; &lt;!channel&gt; &lt;b|c (example.com)>',
  )
})

test('plain text names the address of a link', () => {
  const home = link('https://example.com', 'Open')
  expect(home && plainText([home]).text).toBe('Open (https://example.com/)')
})

const calls: readonly [target: Mention, markup: string | null, why: string][] = [
  [{ kind: 'here' }, '<!here>', 'who is there now'],
  [{ kind: 'everyone' }, '<!channel>', 'everyone of the channel; <!everyone> is for the general one alone'],
  [{ kind: 'person', id: 'U0123ABC' }, '<@U0123ABC>', 'a person'],
  [{ kind: 'person', id: 'W0123ABC' }, '<@W0123ABC>', 'a person of an Enterprise Grid'],
  [{ kind: 'group', id: 'S0123ABC' }, '<!subteam^S0123ABC>', 'a user group'],
  [{ kind: 'person', id: 'minji' }, null, 'a name is no id'],
  [{ kind: 'person', id: 'U1> <!channel' }, null, 'an id holds no markup'],
  [{ kind: 'group', id: 'U0123ABC' }, null, 'a person is no group'],
]
for (const [target, markup, why] of calls) {
  test(`${JSON.stringify(target)} becomes ${markup} (${why})`, () => {
    const node = mention(target)
    expect(node && textObject([node]).text).toBe(markup)
  })
}

test('plain text calls nobody', () => {
  const nodes = [mention({ kind: 'here' }), mention({ kind: 'person', id: 'U0123ABC' })].filter((node) => node !== null)
  expect(plainText(nodes).text).not.toMatch(/[<>]/)
})

test('a value in bold cannot end its bold, and stays exact where nothing needs markup', () => {
  expect(textObject([strong('a <b>')]).text).toBe('*a &lt;b&gt;*')
  expect(textObject([strong('a *b*')])).toEqual({ type: 'plain_text', text: 'a *b*', emoji: false })
  expect(textObject([strong('  ')]).text).toBe('')
})

test('a time says how long ago it was, and stands alone where clients cannot', () => {
  const node = timeAgo(1_705_329_025_999, '2024-01-15 14:30:25 UTC')
  expect(textObject([node]).text).toBe('<!date^1705329025^2024-01-15 14:30:25 UTC ({ago})|2024-01-15 14:30:25 UTC>')
  expect(plainText([node]).text).toBe('2024-01-15 14:30:25 UTC')
})
