import type { ModalView, WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf } from '../client-of.ts'
import { type FakeSlack, startFakeSlack, DEFAULT_USER as user } from '../fake-slack.ts'
import { ReceivingApp } from './receiving-app.ts'

let slack: FakeSlack
let client: WebClient
let app: ReceivingApp

beforeEach(async () => {
  app = new ReceivingApp()
  await app.listen()
  slack = await startFakeSlack({ limits: 'off', ackTimeoutMs: 800 })
  slack.useRequestUrls(app.url)
  client = clientOf(slack)
})
afterEach(async () => {
  await slack.close()
  await app.close()
})

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const option = (value: string) => ({ text: plain(value), value })
const modal = (more: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'note',
  private_metadata: 'incident-1',
  title: plain('Note'),
  submit: plain('Save'),
  blocks: [
    {
      type: 'input',
      block_id: 'b',
      label: plain('Note'),
      element: { type: 'plain_text_input', action_id: 'note', max_length: 10 },
    },
    {
      type: 'input',
      block_id: 'c',
      label: plain('Severity'),
      optional: true,
      element: { type: 'static_select', action_id: 'severity', options: [option('high'), option('low')] },
    },
  ],
  ...more,
})
const ada = () => slack.person(user)

async function open(view: ModalView = modal()): Promise<string> {
  app.answer = async ({ payload }) => {
    await client.views.open({ trigger_id: String(payload['trigger_id']), view })
    return {}
  }
  await ada().globalShortcut('note')
  return slack.modals(user).at(-1)?.id ?? ''
}

test('a click opens a modal, and its submission says what was filled in', async () => {
  const view = await open()
  app.answer = () => ({})
  expect(await ada().submit(view, { note: 'looking', severity: 'high' })).not.toHaveProperty('error')
  expect(app.last.payload).toMatchObject({
    type: 'view_submission',
    user: { id: user },
    team: { id: 'T0FAKE0001' },
    api_app_id: 'A0FAKE0001',
    view: {
      id: view,
      callback_id: 'note',
      private_metadata: 'incident-1',
      hash: expect.stringMatching(/^\d+\.\w{8}$/),
      state: {
        values: {
          b: { note: { type: 'plain_text_input', value: 'looking' } },
          c: { severity: { type: 'static_select', selected_option: { value: 'high' } } },
        },
      },
    },
    response_urls: [],
  })
  expect(slack.modals(user)).toEqual([])
})

test('Slack lets nobody submit what is missing, too long or not there', async () => {
  const view = await open()
  await expect(ada().submit(view)).rejects.toThrow(/note must be filled in/)
  await expect(ada().submit(view, { note: 'x'.repeat(11) })).rejects.toThrow(/takes 0 to 10 characters/)
  await expect(ada().submit(view, { note: 'x', owner: 'me' })).rejects.toThrow(/no field owner, only note, severity/)
  expect(app.requests).toHaveLength(1)
})

test('errors appear beside input blocks, and the modal stays', async () => {
  const view = await open()
  app.answer = () => ({ body: { response_action: 'errors', errors: { b: 'too vague' } } })
  expect(await ada().submit(view, { note: 'x' })).toMatchObject({ fieldErrors: { b: 'too vague' } })
  expect(slack.personErrors).toEqual([])
  expect(slack.modals(user)).toHaveLength(1)
})

test('an answer can put another view in place or on top, or take all away', async () => {
  const view = await open()
  app.answer = () => ({ body: { response_action: 'update', view: modal({ title: plain('Again') }) } })
  await ada().submit(view, { note: 'x' })
  expect(slack.modals(user)).toMatchObject([{ id: view, content: { title: { text: 'Again' } } }])
  app.answer = () => ({ body: { response_action: 'push', view: modal() } })
  await ada().submit(view, { note: 'x' })
  expect(slack.modals(user)).toHaveLength(2)
  app.answer = () => ({ body: { response_action: 'clear' } })
  await ada().submit(slack.modals(user)[1]?.id ?? '', { note: 'x' })
  expect(slack.modals(user)).toEqual([])
})

const mistakes: readonly [name: string, answer: object, error: RegExp][] = [
  ['words', { body: 'ok' }, /neither empty nor/],
  ['an unknown response_action', { body: { response_action: 'close' } }, /unknown response_action/],
  ['errors for no input block', { body: { response_action: 'errors', errors: { note: 'x' } } }, /no input block: note/],
  ['errors without any', { body: { response_action: 'errors', errors: {} } }, /without errors/],
  ['a view that Slack refuses', { body: { response_action: 'update', view: { type: 'modal' } } }, /invalid view/],
  ['status 204', { status: 204 }, /status 204/],
  ['nothing in time', { afterMs: 1_200 }, /three seconds/],
]
for (const [name, answer, error] of mistakes) {
  test(`${name} in answer to a submission: the person sees an error and keeps the modal`, async () => {
    const view = await open()
    app.answer = () => answer
    expect((await ada().submit(view, { note: 'x' })).error).toMatch(error)
    expect(slack.modals(user)).toHaveLength(1)
    expect(slack.personErrors).toMatchObject([{ kind: 'view_submission' }])
  })
}

test('a closed modal is told of only where that was wanted', async () => {
  expect(await ada().closeView(await open())).toBeUndefined()
  const view = await open(modal({ notify_on_close: true }))
  app.answer = () => ({})
  await ada().closeView(view)
  expect(app.last.payload).toMatchObject({ type: 'view_closed', view: { id: view }, is_cleared: false })
  expect(slack.modals(user)).toEqual([])
})

test('buttons in the App Home are clicked like others', async () => {
  const element = { type: 'button' as const, action_id: 'show', text: plain('Show'), value: '1' }
  await client.views.publish({
    user_id: user,
    view: { type: 'home', blocks: [{ type: 'actions', elements: [element] }] },
  })
  await ada().click({ view: 'home', actionId: 'show' })
  expect(app.last.payload).toMatchObject({
    container: { type: 'view' },
    view: { type: 'home' },
    actions: [{ value: '1' }],
  })
  expect(app.last.payload).not.toHaveProperty('response_url')
})
