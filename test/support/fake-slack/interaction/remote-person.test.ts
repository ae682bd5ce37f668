import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel } from '../fake-slack.ts'
import { type SlackProcess, startSlackProcess } from '../run-as-process.ts'
import { ReceivingApp } from './receiving-app.ts'

let slack: SlackProcess
let app: ReceivingApp

beforeAll(async () => {
  slack = await startSlackProcess({ limits: 'off', channels: [channel] })
  await slack.addUser({ id: 'UADA', name: 'ada', email: 'ada@example.com' })
})
afterAll(async () => {
  await slack.stop()
})
beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  await slack.useRequestUrls(app.url)
})
afterEach(() => app.close())

async function call(method: string, args: object): Promise<Record<string, unknown>> {
  const headers = { authorization: 'Bearer xoxb-fake-token', 'content-type': 'application/json' }
  const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST', headers, body: JSON.stringify(args) })
  return (await response.json()) as Record<string, unknown>
}

async function postButton(): Promise<string> {
  const elements = [{ type: 'button', action_id: 'ack', value: '1', text: { type: 'plain_text', text: 'Ack' } }]
  const metadata = { event_type: 'incident', event_payload: { incident_id: 'i-1' } }
  return String(
    (await call('chat.postMessage', { channel, text: 'x', blocks: [{ type: 'actions', elements }], metadata }))['ts'],
  )
}

test('a person in another process clicks, types, writes and opens their home', async () => {
  const ada = slack.person('UADA')
  const ts = await postButton()
  const { error, delivery } = await ada.click({ channel, ts, actionId: 'ack' })
  expect([error, delivery.number]).toEqual([undefined, 1])
  expect(app.last.payload).toMatchObject({ actions: [{ value: '1' }], user: { id: 'UADA' } })
  app.answer = () => ({ body: { text: 'one incident' } })
  expect((await ada.command('/nunchi', 'list', channel)).shown).toEqual({ text: 'one incident' })
  expect(await slack.ephemerals('UADA')).toHaveLength(1)
  await slack.subscribe('message')
  await ada.say(channel, ':memo: disk', ts)
  await ada.openHome()
  expect((await slack.deliveries(2)).map(({ kind }) => kind)).toEqual(['event', 'event'])
})

test('their modals are filled in, submitted and closed from outside', async () => {
  const blocks = [
    {
      type: 'input',
      block_id: 'b',
      label: { type: 'plain_text', text: 'Note' },
      element: { type: 'plain_text_input', action_id: 'note' },
    },
  ]
  const title = { type: 'plain_text', text: 'Note' }
  app.answer = async ({ payload }) => {
    if (payload['type'] === 'shortcut')
      await call('views.open', {
        trigger_id: payload['trigger_id'],
        view: { type: 'modal', title, submit: title, blocks },
      })
    return {}
  }
  const ada = slack.person('UADA')
  for (const end of ['submit', 'close']) {
    await ada.globalShortcut('note')
    const id = (await slack.modals('UADA'))[0]?.id ?? ''
    if (end === 'submit') await ada.submit(id, { note: 'hello' })
    else expect(await ada.closeView(id)).toBeUndefined()
    expect(await slack.modals('UADA')).toEqual([])
  }
})

test('wrong deliveries, errors that people see, and repeated bytes are known outside', async () => {
  const { delivery } = await slack.person('UADA').sending({ shiftMs: -400_000 }).globalShortcut('x')
  expect(app.last.isGenuine).toBe(false)
  await slack.control('POST', `/resend?delivery=${delivery.number}`)
  expect(app.requests).toHaveLength(2)
  app.answer = () => ({ status: 503 })
  expect((await slack.person('UADA').globalShortcut('x')).error).toBe('status 503')
  expect(await slack.personErrors()).toMatchObject([{ userId: 'UADA', reason: 'status 503' }])
})

test('what people cannot do is explained', async () => {
  await expect(slack.person('UADA').click({ channel, ts: '1.000000', actionId: 'ack' })).rejects.toThrow(
    /sees no message/,
  )
  await expect(slack.control('POST', '/act', { user: 'UADA', action: 'dance' })).rejects.toThrow(/one of click/)
})

test('tokens end, edit windows close and the calls of an incident are counted from outside', async () => {
  const ts = await postButton()
  await slack.control('POST', `/edit-window?channel=${channel}&ts=${ts}`)
  expect(await call('chat.update', { channel, ts, text: 'y' })).toMatchObject({ error: 'edit_window_closed' })
  await slack.control('POST', `/edit-window?channel=${channel}&ts=${ts}&open`)
  expect(await call('chat.update', { channel, ts, text: 'y' })).toMatchObject({ ok: true })
  expect(await slack.editsOf(ts)).toHaveLength(1)
  expect((await slack.callsPerIncident('i-1')).length).toBeGreaterThanOrEqual(3)
  await slack.changeToken({ state: 'account_inactive' })
  expect(await call('auth.test', {})).toMatchObject({ error: 'account_inactive' })
  await slack.changeToken({ state: 'active' })
  expect(await call('auth.test', {})).toMatchObject({ ok: true })
})
