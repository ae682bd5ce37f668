import { ErrorCode } from '@slack/web-api'
import { expect, test } from 'vitest'
import { clientOf } from './client-of.ts'
import { DEFAULT_CHANNEL as channel, DEFAULT_USER, startFakeSlack } from './fake-slack.ts'

async function startWithClock() {
  const clock = { ms: 1_700_000_000_000 }
  const slack = await startFakeSlack({
    limits: 'slack',
    channels: [{ id: channel }, { id: 'COTHER' }],
    now: () => clock.ms,
  })
  const client = clientOf(slack)
  const attempt = (call: Promise<unknown>) =>
    call.then(
      () => 'ok',
      (error: { retryAfter?: number }) => error.retryAfter,
    )
  const post = (to: string = channel) => attempt(client.chat.postMessage({ channel: to, text: 'x' }))
  return { slack, client, clock, attempt, post }
}

test('after a short burst a channel takes one message a second; other channels do not wait', async () => {
  const { slack, clock, post } = await startWithClock()
  await using _ = slack
  for (let message = 0; message < 5; message += 1) expect(await post()).toBe('ok')
  expect(await post()).toBe(1)
  expect(await post('COTHER')).toBe('ok')
  clock.ms += 1_000
  expect([await post(), await post()]).toEqual(['ok', 1])
})

test('the refusal is a 429 with Retry-After and the body of Slack', async () => {
  const { slack, client, post } = await startWithClock()
  await using _ = slack
  for (let message = 0; message < 5; message += 1) await post()
  await expect(client.chat.postMessage({ channel, text: 'x' })).rejects.toMatchObject({
    code: ErrorCode.RateLimitedError,
  })
  const form = { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Bearer xoxb-fake-token' }
  const raw = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: form,
    body: `channel=${channel}&text=x`,
  })
  expect([raw.status, raw.headers.get('retry-after'), await raw.json()]).toEqual([
    429,
    '1',
    { ok: false, error: 'ratelimited' },
  ])
})

test('edits share fifty a minute over the whole workspace', async () => {
  const { slack, client, clock, attempt } = await startWithClock()
  await using _ = slack
  const { ts = '' } = await client.chat.postMessage({ channel, text: 'x' })
  const edit = () => attempt(client.chat.update({ channel, ts, text: 'y' }))
  for (let round = 0; round < 50; round += 1) expect(await edit()).toBe('ok')
  clock.ms += 10_000
  expect(await edit()).toBe(50)
  clock.ms += 50_000
  expect(await edit()).toBe('ok')
})

test('limits can be switched off in the middle', async () => {
  const { slack, post } = await startWithClock()
  await using _ = slack
  slack.limits = 'off'
  for (let message = 0; message < 20; message += 1) expect(await post()).toBe('ok')
})

test('each method has a number of calls a minute of its own', async () => {
  const { slack, client, attempt } = await startWithClock()
  await using _ = slack
  const many = async (count: number, call: () => Promise<unknown>) => {
    for (let round = 0; round < count; round += 1) expect(await attempt(call())).toBe('ok')
    return await attempt(call())
  }
  expect(await many(50, () => client.conversations.info({ channel }))).toBe(60)
  expect(await many(100, () => client.users.info({ user: DEFAULT_USER }))).toBe(60)
  expect(await attempt(client.conversations.members({ channel }))).toBe('ok')
})
