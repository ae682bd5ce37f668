import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../wait-until.ts'
import { type SlackProcess, startSlackProcess } from './run-as-process.ts'

let slack: SlackProcess

beforeAll(async () => {
  slack = await startSlackProcess({ limits: 'off', channels: ['CONE', 'CTWO'] })
})
afterAll(async () => {
  expect(await slack.stop()).toEqual({ code: 0, signal: null })
})

async function post(channel: string, text: string): Promise<Record<string, unknown>> {
  const headers = { authorization: 'Bearer xoxb-fake-token', 'content-type': 'application/json' }
  const metadata = { event_type: 'incident', event_payload: { incident_id: 'i-1' } }
  const init = { method: 'POST', headers, body: JSON.stringify({ channel, text, metadata }) }
  return (await (await fetch(`${slack.apiUrl}chat.postMessage`, init)).json()) as Record<string, unknown>
}

test('another process can break it, ask it and repair it', async () => {
  await slack.addFault({ fault: { kind: 'error', error: 'fatal_error', stores: true }, times: 1 })
  expect(await post('CONE', 'a <!here>')).toMatchObject({ error: 'fatal_error' })
  expect(await post('CONE', 'a')).toMatchObject({ ok: true })
  const findings = { posts: 2, duplicateRoots: [{ value: 'i-1' }], pings: [{ target: 'here' }], links: [] }
  expect(await slack.findings()).toMatchObject(findings)
  expect(await slack.calls(1)).toMatchObject([{ number: 2, outcome: { ok: true } }])
  expect(await slack.messages('CONE')).toHaveLength(2)
})

test('channels are archived, left and joined from outside', async () => {
  await slack.control('POST', '/archive?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ error: 'is_archived' })
  await slack.control('POST', '/unarchive?channel=CTWO')
  await slack.control('POST', '/kick?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ error: 'not_in_channel' })
  await slack.control('POST', '/invite?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ ok: true })
})

test('how often what was called is counted, by how it ended', async () => {
  await using busy = await startSlackProcess({ limits: 'slack', channels: ['CBUSY'] })
  const headers = { 'content-type': 'application/json' }
  for (let message = 0; message < 7; message += 1)
    await fetch(busy.webhookUrl, { method: 'POST', headers, body: '{"text":"x"}' })
  const webhook = { method: 'webhook', channel: 'CBUSY' }
  const [taken, refused, ...others] = await busy.tally()
  expect(taken).toMatchObject({ ...webhook, status: 200, ok: true })
  expect(refused).toMatchObject({ ...webhook, status: 429, ok: false })
  expect(others).toEqual([])
  expect([refused?.count, (taken?.count ?? 0) + (refused?.count ?? 0)]).toEqual([expect.any(Number), 7])
})

test('a command that makes no sense is explained', async () => {
  await expect(slack.control('POST', '/faults', { fault: { kind: 'earthquake' } })).rejects.toThrow(
    /one of rate-limited/,
  )
  await expect(slack.control('POST', '/archive')).rejects.toThrow(/channel=/)
  await expect(slack.control('POST', '/dance')).rejects.toThrow(/unknown command/)
})

test('it goes away for a while and comes back', async () => {
  await slack.control('POST', '/down?ms=300')
  const isDown = () =>
    post('CONE', 'x').then(
      () => false,
      () => true,
    )
  await waitUntil(isDown, { why: 'connections are refused' })
  await waitUntil(() => post('CONE', 'x').then((answer) => answer['ok']), { why: 'Slack is back' })
})
