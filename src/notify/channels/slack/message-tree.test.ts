import { expect, test } from 'vitest'
import { bold, foreignLink, link, plainText, textObject, value, words } from './message-tree.ts'

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
