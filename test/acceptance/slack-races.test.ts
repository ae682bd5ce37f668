import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import { InteractiveProduct } from '../support/interactive-product.ts'

const minji = 'U0MINJI'
const jisu = 'U0JISU'
const ROUNDS = 25
let product: InteractiveProduct

beforeAll(async () => {
  const users = [
    { id: minji, realName: 'Minji Kim' },
    { id: jisu, realName: 'Jisu Park' },
  ]
  product = await InteractiveProduct.start({ users })
  product.slack.subscribe('message')
})
afterAll(async () => {
  product.nunchi.assertNoErrorLogs()
  await product.stop()
})

test(`of two who acknowledge in the same millisecond one wins and the other is told who, ${ROUNDS} rounds`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const incident = await product.openIncident()
    const ts = product.postButtons(incident)
    const before = { [minji]: product.whispers(minji).length, [jisu]: product.whispers(jisu).length }
    await Promise.all(
      [minji, jisu].map(
        async (user) => await product.person(user).click({ channel, ts, actionId: 'nunchi:acknowledge' }),
      ),
    )
    await product.quiet()
    const { acknowledgedBy } = await product.incident(incident.id)
    const acknowledged = (await product.timeline(incident.id)).filter(({ kind }) => kind === 'acknowledged')
    expect(acknowledged.map(({ by }) => by)).toEqual([acknowledgedBy])
    const winner = acknowledgedBy?.name === 'Minji Kim' ? minji : jisu
    const loser = winner === minji ? jisu : minji
    expect(product.whispers(winner)).toHaveLength(before[winner] ?? 0)
    expect(product.whispers(loser).slice(before[loser])).toEqual([
      expect.stringContaining(`Already acknowledged by ${acknowledgedBy?.name} `),
    ])
  }
})

test('of one who resolves and one who acknowledges at once nobody is left without an answer', async () => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  await Promise.all([
    product.person(minji).click({ channel, ts, actionId: 'nunchi:acknowledge' }),
    product.person(jisu).click({ channel, ts, actionId: 'nunchi:resolve' }),
  ])
  await product.quiet()
  expect((await product.incident(incident.id)).status).toBe('resolved')
  const kinds = (await product.timeline(incident.id)).map(({ kind }) => kind)
  const wasTold = product.whispers(minji).at(-1)?.includes('Already resolved by Jisu Park') === true
  expect(kinds.includes('acknowledged') || wasTold).toBe(true)
})

test('an event that comes three times more, while the database is slow, has one effect', async () => {
  const incident = await product.openIncident()
  const { nunchi, slack } = product
  // The product is stopped for longer than Slack waits: it hears the first copy late and the others after it.
  slack.retryScale = 0.001
  nunchi.signal('SIGSTOP')
  const said = product.person(minji).say(channel, ':memo: the deploy of 12:00 did it', incident.root)
  await new Promise((resolve) => setTimeout(resolve, 3_500))
  nunchi.signal('SIGCONT')
  await said
  await product.waitFor(
    async () => (await product.timeline(incident.id)).some(({ kind }) => kind === 'note'),
    'the note is there',
  )
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await product.quiet()
  expect(slack.deliveries.filter(({ kind }) => kind === 'event').length).toBeGreaterThan(1)
  expect((await product.timeline(incident.id)).filter(({ kind }) => kind === 'note')).toHaveLength(1)
})

test('clicks are answered within a second while a storm is folded', async () => {
  const incident = await product.openIncident()
  const ts = product.postButtons(incident)
  const storm = Array.from({ length: 40 }, async (_, body) => {
    const alerts = Array.from({ length: 500 }, (_each, index) => ({
      status: 'firing',
      labels: { alertname: 'Storm', severity: 'info', instance: `${body}-${index}` },
      startsAt: new Date().toISOString(),
    }))
    await product.nunchi.post('/webhook/alertmanager', {
      version: '4',
      status: 'firing',
      receiver: 'r',
      groupKey: 's',
      alerts,
    })
  })
  const tooks: number[] = []
  for (let round = 0; round < 20; round++) {
    const option = round % 2 === 0 ? '1h' : 'off'
    const { roundTripMs, error } = await product
      .person(minji)
      .click({ channel, ts, actionId: 'nunchi:silence', selectedOption: option })
    expect(error).toBeUndefined()
    tooks.push(roundTripMs)
  }
  await Promise.all(storm)
  expect(Math.max(...tooks)).toBeLessThan(1_000)
})
