import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_USER as ada, DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import { InteractiveProduct, type ToldIncident } from '../support/interactive-product.ts'

const minji = 'U0MINJI'
const PEOPLE = [
  { id: minji, name: 'minji', realName: 'Minji Kim', email: 'minji@example.com' },
  { id: 'U0GUEST', kind: 'guest' as const, channels: [channel] },
  { id: 'U0SINGLE', kind: 'single-channel-guest' as const, channels: [channel] },
  { id: 'U0STRANGER', kind: 'stranger' as const, channels: [channel] },
  { id: 'U0BOT', kind: 'bot' as const, channels: [channel] },
]
let product: InteractiveProduct

beforeAll(async () => {
  product = await InteractiveProduct.start({ users: PEOPLE })
})
afterAll(async () => {
  product.nunchi.assertNoErrorLogs()
  await product.stop()
})

async function buttons(): Promise<ToldIncident & { readonly ts: string }> {
  const incident = await product.openIncident()
  return { ...incident, ts: product.postButtons(incident) }
}
const click = async (ts: string, actionId: string, { user = ada, option }: { user?: string; option?: string } = {}) =>
  await product.person(user).click({ channel, ts, actionId, ...(option !== undefined && { selectedOption: option }) })

describe('a button of an incident', () => {
  test('is answered at once, does its work, and names who did it', async () => {
    const { id, ts } = await buttons()
    const { error, roundTripMs } = await click(ts, 'nunchi:acknowledge', { user: minji })
    expect(error).toBeUndefined()
    expect(roundTripMs).toBeLessThan(1_000)
    await product.incidentThat(id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
    expect((await product.timeline(id)).at(-1)).toMatchObject({
      kind: 'acknowledged',
      via: 'slack',
      by: { name: 'Minji Kim', id: `slack:T0FAKE0001:${minji}` },
    })
    await product.quiet()
    expect(product.whispers(minji)).toEqual([])
  })

  test('stands in the message of the incident itself, which then shows who did it', async () => {
    const { id, root } = await product.openIncident()
    await click(root, 'nunchi:acknowledge', { user: minji })
    await product.incidentThat(id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
    await product.waitFor(
      () =>
        product.slack
          .messages()
          .find(({ ts, content }) => ts === root && JSON.stringify(content).includes('Minji Kim')),
      'the message shows who acknowledged',
    )
    await click(root, 'nunchi:silence', { option: '1h' })
    await product.incidentThat(id, ({ silence }) => silence !== null, 'it is silenced')
    await click(root, 'nunchi:resolve')
    await product.incidentThat(id, ({ status }) => status === 'resolved', 'it is resolved')
  })

  test('resolves, and reopens', async () => {
    const { id, ts } = await buttons()
    await click(ts, 'nunchi:resolve')
    await product.incidentThat(id, ({ status }) => status === 'resolved', 'it is resolved')
    await click(ts, 'nunchi:reopen')
    await product.incidentThat(id, ({ status }) => status === 'active', 'it is open again')
  })

  test('gives it to whoever clicks', async () => {
    const { id, ts } = await buttons()
    await click(ts, 'nunchi:assign-me', { user: minji })
    const { owner } = await product.incidentThat(id, (incident) => incident.owner !== null, 'it has an owner')
    expect(owner?.name).toBe('Minji Kim')
  })

  test('silences for as long as was chosen, from the click on, and ends it', async () => {
    const { id, ts } = await buttons()
    const before = Date.now()
    await click(ts, 'nunchi:silence', { option: '4h' })
    const { silence } = await product.incidentThat(id, (incident) => incident.silence !== null, 'it is silenced')
    const lastsMs = Date.parse(silence?.until ?? '') - before
    expect(lastsMs).toBeGreaterThanOrEqual(4 * 3_600_000)
    expect(lastsMs).toBeLessThan(4 * 3_600_000 + 5_000)
    await click(ts, 'nunchi:silence', { option: 'until-resolved' })
    await product.incidentThat(id, (incident) => incident.silence?.until === null, 'it is silenced without an end')
    await click(ts, 'nunchi:silence', { option: 'off' })
    await product.incidentThat(id, (incident) => incident.silence === null, 'it is not silenced any more')
  })

  test('that comes too late tells who was first, to that person alone', async () => {
    const { id, ts } = await buttons()
    await click(ts, 'nunchi:acknowledge', { user: minji })
    await product.incidentThat(id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
    await click(ts, 'nunchi:acknowledge')
    await product.whisper(/Already acknowledged by Minji Kim \d+ s ago\./)
    expect((await product.incident(id)).acknowledgedBy?.name).toBe('Minji Kim')
  })

  test('tells by an ephemeral message where the address of the click does not work', async () => {
    const { ts } = await buttons()
    await click(ts, 'nunchi:resolve')
    await product.quiet()
    const stop = product.slack.addFault({ method: 'response_url', fault: { kind: 'status', status: 500 } })
    const before = product.slack.calls('chat.postEphemeral').length
    await click(ts, 'nunchi:resolve')
    await product.waitFor(() => product.slack.calls('chat.postEphemeral').length > before, 'it is told otherwise')
    stop()
  })

  test('is done even if the person cannot be told', async () => {
    const { id, ts } = await buttons()
    const stops = ['response_url', 'chat.postEphemeral'].map((method) =>
      product.slack.addFault({ method, fault: { kind: 'status', status: 500 } }),
    )
    await click(ts, 'nunchi:acknowledge', { user: minji })
    await product.incidentThat(id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
    await click(ts, 'nunchi:acknowledge')
    await product.quiet()
    for (const stop of stops) stop()
    expect((await product.timeline(id)).filter(({ kind }) => kind === 'acknowledged')).toHaveLength(1)
  })

  test('whose incident is gone says so', async () => {
    const ts = product.postButtons({ id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })
    await click(ts, 'nunchi:acknowledge')
    await product.whisper(/There is no incident 01ARZ3NDEKTSV4RRFFQ69G5FAV/)
  })
})

describe('somebody who may not act', () => {
  const refused: readonly [user: string, words: RegExp][] = [
    ['U0GUEST', /Guests of this workspace cannot act/],
    ['U0SINGLE', /Guests of this workspace cannot act/],
    ['U0STRANGER', /Only members of this workspace/],
    ['U0BOT', /Only people can act/],
  ]
  for (const [user, words] of refused) {
    test(`${user} is told why, and nothing happens`, async () => {
      const { id, ts, version } = await buttons()
      await click(ts, 'nunchi:resolve', { user })
      await product.whisper(words, user)
      expect(await product.incident(id)).toMatchObject({ status: 'active', version })
    })
  }

  test('who was let go after the click was kept is refused when it is judged', async () => {
    const { id, ts } = await buttons()
    const user = { id: 'U0LEAVER', name: 'leaver' }
    const leaver = product.slack.addUser(user)
    const stop = product.slack.addFault({ method: 'users.info', fault: { kind: 'status', status: 500 }, times: 2 })
    await click(ts, 'nunchi:acknowledge', { user: user.id })
    leaver.kind = 'deleted'
    await product.whisper(/deactivated/, user.id)
    stop()
    expect((await product.incident(id)).status).toBe('active')
  })
})
