import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel, type FakeSlack, startFakeSlack } from './fake-slack.ts'

let slack: FakeSlack

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off' })
})
afterEach(() => slack.close())

async function send(body: unknown, url: string = slack.webhookUrl()): Promise<readonly [number, string]> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })
  return [response.status, await response.text()]
}

test('a message is posted and answered with the one word ok', async () => {
  expect(await send({ text: 'hello' })).toEqual([200, 'ok'])
  expect(await send(`payload=${encodeURIComponent('{"text":"by form"}')}`)).toEqual([200, 'ok'])
  expect(slack.roots().map((message) => message.content.text)).toEqual(['hello', 'by form'])
  expect(slack.posts()).toHaveLength(2)
})

test('a message is taken as Alertmanager makes it', async () => {
  const link = 'http://alertmanager.example.com/#/alerts?receiver=slack'
  const attachment = {
    title: '[FIRING:1] Up (warning)',
    title_link: link,
    text: '',
    fallback: `[FIRING:1] Up (warning) | ${link}`,
    callback_id: '',
    footer: '',
    color: 'danger',
    mrkdwn_in: ['fallback', 'pretext', 'text'],
  }
  expect(await send({ channel: '#alerts', username: 'Alertmanager', attachments: [attachment] })).toEqual([200, 'ok'])
})

const refusals: readonly [name: string, body: unknown, answer: readonly [number, string]][] = [
  ['no JSON', '{', [400, 'invalid_payload']],
  ['no object', '[]', [400, 'invalid_payload']],
  ['nothing to say', {}, [400, 'no_text']],
  ['bad blocks', { blocks: [{ type: 'banner' }] }, [400, 'invalid_blocks']],
]
for (const [name, body, answer] of refusals) {
  test(`${name} → ${answer.join(' ')}`, async () => {
    expect(await send(body)).toEqual(answer)
    expect(slack.messages()).toEqual([])
  })
}

test('a path that leads nowhere, a wrong secret and an archived channel', async () => {
  expect(await send({ text: 'x' }, `http://127.0.0.1:${slack.port}/services/T0/B0/secret`)).toEqual([404, 'no_service'])
  expect(await send({ text: 'x' }, `${slack.webhookUrl()}-wrong`)).toEqual([403, 'invalid_token'])
  slack.archive(channel)
  expect(await send({ text: 'x' })).toEqual([410, 'channel_is_archived'])
})

test('faults and limits reach webhooks too', async () => {
  slack.addFault({ fault: { kind: 'rate-limited', retryAfter: 3 }, method: 'webhook', times: 1 })
  expect((await send({ text: 'x' }))[0]).toBe(429)
  slack.limits = 'slack'
  const statuses = []
  for (let message = 0; message < 7; message += 1) statuses.push((await send({ text: 'x' }))[0])
  expect(statuses.slice(-1)).toEqual([429])
})
