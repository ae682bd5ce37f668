import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SupervisedProgram } from '../supervised-program.ts'
import { waitUntil } from '../wait-until.ts'

let program: SupervisedProgram
let apiUrl: string
let base: string

beforeAll(async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const args = [main, '--limits', 'off', '--channel', 'CONE', '--channel', 'CTWO']
  program = new SupervisedProgram({ name: 'fake Slack', command: process.execPath, args })
  const line = await waitUntil(() => program.lines[0], { why: 'the fake Slack tells its URL', describe: () => program.logTail() })
  apiUrl = JSON.parse(line).apiUrl
  base = apiUrl.replace('/api/', '/_control')
})
afterAll(async () => {
  expect(await program.stop()).toEqual({ code: 0, signal: null })
})

async function control(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(base + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function post(channel: string, text: string): Promise<Record<string, unknown>> {
  const headers = { authorization: 'Bearer xoxb-fake-token', 'content-type': 'application/json' }
  const metadata = { event_type: 'incident', event_payload: { incident_id: 'i-1' } }
  const body = JSON.stringify({ channel, text, metadata })
  return (await (await fetch(`${apiUrl}chat.postMessage`, { method: 'POST', headers, body })).json()) as Record<string, unknown>
}

test('another process can break it, ask it and repair it', async () => {
  await control('POST', '/faults', { fault: { kind: 'error', error: 'fatal_error', stores: true }, times: 1 })
  expect(await post('CONE', 'a <!here>')).toMatchObject({ error: 'fatal_error' })
  expect(await post('CONE', 'a')).toMatchObject({ ok: true })
  const { body } = await control('GET', '/findings')
  expect(body).toMatchObject({ posts: 2, duplicateRoots: [{ value: 'i-1' }], pings: [{ target: 'here' }], links: [] })
  expect((await control('GET', '/log?after=1')).body).toMatchObject({ calls: [{ number: 2, outcome: { ok: true } }] })
  expect((await control('GET', '/messages?channel=CONE')).body['messages']).toHaveLength(2)
})

test('channels are archived, left and joined from outside', async () => {
  await control('POST', '/archive?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ error: 'is_archived' })
  await control('POST', '/unarchive?channel=CTWO')
  await control('POST', '/kick?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ error: 'not_in_channel' })
  await control('POST', '/invite?channel=CTWO')
  expect(await post('CTWO', 'x')).toMatchObject({ ok: true })
})

test('a command that makes no sense is explained', async () => {
  expect(await control('POST', '/faults', { fault: { kind: 'earthquake' } })).toMatchObject({ status: 400 })
  expect(await control('POST', '/archive')).toMatchObject({ status: 400, body: { error: expect.stringContaining('channel=') } })
  expect(await control('POST', '/dance')).toMatchObject({ status: 404 })
})

test('it goes away for a while and comes back', async () => {
  await control('POST', '/down?ms=300')
  await waitUntil(() => post('CONE', 'x').then(() => false, () => true), { why: 'connections are refused' })
  await waitUntil(() => post('CONE', 'x').then((answer) => answer['ok']), { why: 'Slack is back' })
})
