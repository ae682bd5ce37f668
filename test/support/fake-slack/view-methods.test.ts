import type { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clientOf, rejectedAnswer } from './client-of.ts'
import { type FakeSlack, startFakeSlack, DEFAULT_USER as user } from './fake-slack.ts'

let slack: FakeSlack
let client: WebClient
const clock = { ms: 1_700_000_000_000 }

beforeEach(async () => {
  slack = await startFakeSlack({ limits: 'off', now: () => clock.ms })
  client = clientOf(slack)
})
afterEach(() => slack.close())

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const modal = (title = 'Incident', more: object = {}) => ({
  type: 'modal' as const,
  title: plain(title),
  blocks: [{ type: 'section' as const, text: plain('x') }],
  ...more,
})
const home = (text: string) => ({ type: 'home' as const, blocks: [{ type: 'section' as const, text: plain(text) }] })
const trigger = () => slack.workspace.triggers.issue(user)
const errorOf = async (call: Promise<unknown>) => (await rejectedAnswer(call)).error

test('a trigger opens one view within three seconds, and only once', async () => {
  const triggerId = trigger()
  const { view } = await client.views.open({ trigger_id: triggerId, view: modal() })
  expect(view).toMatchObject({
    type: 'modal',
    title: { text: 'Incident' },
    team_id: 'T0FAKE0001',
    state: { values: {} },
  })
  expect(slack.modals(user)).toMatchObject([{ id: view?.id }])
  expect(await errorOf(client.views.open({ trigger_id: triggerId, view: modal() }))).toBe('exchanged_trigger_id')
  const late = trigger()
  clock.ms += 3_001
  expect(await errorOf(client.views.open({ trigger_id: late, view: modal() }))).toBe('expired_trigger_id')
  expect(await errorOf(client.views.open({ trigger_id: '1.2.invented', view: modal() }))).toBe('invalid_trigger_id')
})

test('a view that Slack refuses leaves its trigger unused', async () => {
  const triggerId = trigger()
  const refusal = await rejectedAnswer(client.views.open({ trigger_id: triggerId, view: modal('x'.repeat(25)) }))
  expect(refusal).toMatchObject({
    error: 'invalid_arguments',
    response_metadata: { messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'] },
  })
  expect(await client.views.open({ trigger_id: triggerId, view: modal() })).toMatchObject({ ok: true })
})

test('modals lie in a pile of three at most', async () => {
  expect(await errorOf(client.views.push({ trigger_id: trigger(), view: modal() }))).toBe('not_found')
  const root = await client.views.open({ trigger_id: trigger(), view: modal('one') })
  const second = await client.views.push({ trigger_id: trigger(), view: modal('two') })
  expect(second.view).toMatchObject({ root_view_id: root.view?.id, previous_view_id: root.view?.id })
  await client.views.push({ trigger_id: trigger(), view: modal('three') })
  expect(await errorOf(client.views.push({ trigger_id: trigger(), view: modal() }))).toBe('push_limit_reached')
  await client.views.open({ trigger_id: trigger(), view: modal('anew') })
  expect(slack.modals(user)).toHaveLength(1)
})

test('an update is refused when the view has changed since, or is gone', async () => {
  const { view } = await client.views.open({ trigger_id: trigger(), view: modal('one', { external_id: 'e' }) })
  const [view_id, hash] = [view?.id ?? '', view?.hash ?? '']
  await client.views.update({ view_id, hash, view: modal('two') })
  expect(await errorOf(client.views.update({ view_id, hash, view: modal('three') }))).toBe('hash_conflict')
  expect(await errorOf(client.views.update({ view_id: 'V0', view: modal() }))).toBe('not_found')
  expect(await errorOf(client.views.update({ external_id: 'e', view: modal() }))).toBe('not_found')
  expect(slack.modals(user)).toMatchObject([{ content: { title: { text: 'two' } }, versions: [{}] }])
})

test('an external_id belongs to one view', async () => {
  await client.views.open({ trigger_id: trigger(), view: modal('one', { external_id: 'e' }) })
  const again = client.views.push({ trigger_id: trigger(), view: modal('two', { external_id: 'e' }) })
  expect(await errorOf(again)).toBe('duplicate_external_id')
})

test('everybody has one App Home, which keeps its id', async () => {
  const first = await client.views.publish({ user_id: user, view: home('one') })
  const second = await client.views.publish({ user_id: user, view: home('two'), hash: first.view?.hash ?? '' })
  expect(second.view?.id).toBe(first.view?.id)
  expect(slack.home(user)).toMatchObject({ content: { blocks: [{ text: { text: 'two' } }] } })
  const stale = client.views.publish({ user_id: user, view: home('three'), hash: first.view?.hash ?? '' })
  expect(await errorOf(stale)).toBe('hash_conflict')
  expect(await errorOf(client.views.publish({ user_id: 'UNOBODY', view: home('x') }))).toBe('invalid_arguments')
})
