import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_USER as ada, DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import { InteractiveProduct } from '../support/interactive-product.ts'

const minji = 'U0MINJI'
const viewer = 'U0VIEWER'
const guest = 'U0GUEST'
let product: InteractiveProduct

beforeAll(async () => {
  const users = [
    { id: minji, realName: 'MK', email: 'Minji@Example.com' },
    { id: viewer, realName: 'Vic', email: 'vic@example.com' },
    { id: guest, kind: 'guest' as const, email: 'guest@example.com', channels: [channel] },
  ]
  const people = [
    { name: 'Minji Kim', email: 'minji@example.com', role: 'responder' },
    { name: 'Vic', email: 'vic@example.com', role: 'viewer' },
    { name: 'Guest', email: 'guest@example.com', role: 'admin' },
  ]
  product = await InteractiveProduct.start({ users, config: { people } })
  product.slack.subscribe('message')
})
afterAll(async () => {
  product.nunchi.assertNoErrorLogs()
  await product.stop()
})

test('a person of the configuration acts under the name and id of the configuration', async () => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  await product.person(minji).click({ channel, ts, actionId: 'nunchi:acknowledge' })
  const { acknowledgedBy } = await product.incidentThat(incident.id, ({ status }) => status === 'acknowledged', 'done')
  expect(acknowledgedBy).toEqual({ name: 'Minji Kim', id: expect.not.stringContaining('slack') })
})

for (const user of [viewer, ada]) {
  test(`${user}, who may only read, reads and is refused the rest`, async () => {
    const incident = await product.openIncident()
    const ts = product.postButtons(incident)
    for (const actionId of ['nunchi:acknowledge', 'nunchi:resolve', 'nunchi:assign-me', 'nunchi:more'])
      await product.person(user).click({ channel, ts, actionId })
    await product.person(user).command('/nunchi', `resolve ${incident.name}`, channel)
    await product.person(user).command('/nunchi', 'declare x', channel)
    await product.person(user).messageShortcut('nunchi:declare-from-message', channel, ts)
    await product.person(user).say(channel, ':memo: no', incident.root)
    await product.quiet()
    expect(product.whispers(user).filter((text) => /may read incidents, but not act/.test(text))).toHaveLength(8)
    expect(await product.incident(incident.id)).toMatchObject({ status: 'active', version: incident.version })
    expect(product.slack.workspace.views.pile(user)).toEqual([])
    await product.person(user).command('/nunchi', `show ${incident.name}`, channel)
    await product.whisper(new RegExp(incident.name), user)
    await product.person(user).openHome()
    await product.quiet()
    const home = JSON.stringify(product.slack.workspace.views.home(user)?.content)
    expect(home).toContain(incident.name)
    expect(home).not.toContain('nunchi:resolve')
  })
}

test('a guest may do nothing, whatever the configuration says, and is told so wherever the guest tries', async () => {
  const incident = await product.openIncident()
  await product.person(guest).openHome()
  await product.quiet()
  expect(JSON.stringify(product.slack.workspace.views.home(guest)?.content)).toContain('Guests of this workspace')
  await product.person(guest).command('/nunchi', 'list', channel)
  await product.person(guest).say(channel, ':memo: in the thread', incident.root)
  await product.quiet()
  expect(product.whispers(guest)).toHaveLength(2)
  for (const text of product.whispers(guest)) expect(text).toContain('Guests of this workspace')
})

test('somebody of the same name whose e-mail address is hidden is not that person', async () => {
  const token = product.slack.token()
  const before = token.scopes
  token.scopes = before.filter((scope) => scope !== 'users:read.email')
  const late = { id: 'U0LATE', realName: 'Minji Kim' }
  product.slack.addUser(late)
  const incident = await product.openIncident()
  await product.person(late.id).command('/nunchi', `ack ${incident.name}`, channel)
  await product.whisper(/may read incidents, but not act/, late.id)
  token.scopes = before
})
