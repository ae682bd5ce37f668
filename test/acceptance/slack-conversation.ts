import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_USER as ada, DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import type { SlackView } from '../support/fake-slack/view-store.ts'
import { type InteractiveOptions, InteractiveProduct, type ToldIncident } from '../support/interactive-product.ts'

/** What people say to Nunchi in Slack, the same over HTTP and over Socket Mode. */
export function describeConversation(transport: NonNullable<InteractiveOptions['transport']>): void {
  const minji = 'U0MINJI'
  let product: InteractiveProduct

  beforeAll(async () => {
    const users = [{ id: minji, realName: 'Minji Kim', email: 'minji@example.com' }]
    product = await InteractiveProduct.start({ users, transport })
    product.slack.subscribe('message')
  })
  afterAll(async () => {
    product.nunchi.assertNoErrorLogs()
    await product.stop()
  })

  const type = async (text: string, user = ada) => await product.person(user).command('/nunchi', text, channel)
  const click = async (ts: string, actionId: string, user = ada) =>
    await product.person(user).click({ channel, ts, actionId })
  const modal = async (user = ada): Promise<SlackView> =>
    await product.waitFor(() => product.slack.workspace.views.pile(user).at(-1), 'a modal opens')
  const openModal = async (opens: () => Promise<unknown>): Promise<SlackView> => {
    await opens()
    return await modal()
  }
  const home = async (pattern: RegExp, user = ada): Promise<string> =>
    await product.waitFor(
      () => {
        const text = JSON.stringify(product.slack.workspace.views.home(user)?.content ?? null)
        return pattern.test(text) ? text : undefined
      },
      `the Home tab shows ${pattern}: ${JSON.stringify(product.slack.workspace.views.home(user)?.content)}`,
    )
  const noted = async (id: string, text: string) =>
    await product.waitFor(
      async () => (await product.timeline(id)).find(({ kind, reason }) => kind === 'note' && reason === text),
      `"${text}" is in the timeline`,
    )

  describe(`the command /nunchi over ${transport}`, () => {
    let incident: ToldIncident
    beforeAll(async () => {
      incident = await product.openIncident()
    })

    test('lists what is open, to the person alone', async () => {
      expect((await type('list')).error).toBeUndefined()
      expect(await product.whisper(new RegExp(incident.name))).toMatch(/Critical · Active/)
      expect(product.slack.messages().some(({ content }) => content.text?.includes('open incidents') === true)).toBe(
        false,
      )
    })

    test('acknowledges, tells who, and refuses the second time', async () => {
      await type(`ack ${incident.name}`, minji)
      await product.whisper(/You acknowledged INC-/, minji)
      await type(`ack ${incident.name.toLowerCase()}`)
      await product.whisper(/Already acknowledged by Minji Kim/)
      await type(`who ${incident.name}`)
      await product.whisper(/Owner: Minji Kim\\nAcknowledged by Minji Kim .* ago\\nLast acted: Minji Kim/)
    })

    test('notes, shows and silences', async () => {
      await type(`note ${incident.name} rolling <back> & *forth*`)
      await noted(incident.id, 'rolling <back> & *forth*')
      await type(`show ${incident.name}`)
      await product.whisper(/ada: rolling <back> & \*forth\*/)
      await type(`silence ${incident.name} 24h`)
      await product.whisper(/is silenced for 24 hours/)
      await type(`silence ${incident.name} forever`)
      await product.whisper(/For how long\?/)
    })

    test('resolves with a reason', async () => {
      await type(`resolve ${incident.name} a new disk`)
      await product.incidentThat(incident.id, ({ status }) => status === 'resolved', 'it is resolved')
      expect((await product.timeline(incident.id)).at(-1)).toMatchObject({ kind: 'resolved', reason: 'a new disk' })
    })

    test('helps whoever it does not understand', async () => {
      await type('frobnicate')
      await product.whisper(/INC-1042: acknowledge it/)
      await type('ack')
      await product.whisper(/Which incident\?/)
      await type('show INC-999999')
      await product.whisper(/There is no incident INC-999999/)
    })

    test('opens an incident by hand, once its modal is filled in', async () => {
      const view = await openModal(async () => await type('declare Checkout is slow'))
      const errors = await product.person().submit(view.id, { 'nunchi:title': '   ' })
      expect(errors.fieldErrors).toEqual({ 'nunchi:title': 'Say what is broken.' })
      const done = await product.person().submit(view.id, {
        'nunchi:title': 'Checkout is slow in Seoul',
        'nunchi:severity': 'critical',
        'nunchi:service': 'checkout',
        'nunchi:note': 'Since noon',
      })
      expect([done.error, done.fieldErrors]).toEqual([undefined, undefined])
      const opened = await product.whisper(/You opened INC-\d+/)
      const name = /INC-\d+/.exec(opened)?.[0] ?? ''
      expect(await product.incident(name)).toMatchObject({
        severity: 'critical',
        status: 'active',
        service: 'checkout',
      })
      expect((await product.timeline(name)).map(({ kind }) => kind)).toEqual(['declared', 'note'])
      await product.waitFor(
        () => product.slack.messages().some((message) => JSON.stringify(message).includes('Checkout is slow in Seoul')),
        'the channel is told',
      )
    })
  })

  describe(`the modal behind More over ${transport}`, () => {
    test('changes the severity, adds a note and takes an acknowledgement back, and tells so', async () => {
      const incident = await product.openIncident('error')
      const ts = product.postButtons(incident)
      await click(ts, 'nunchi:acknowledge')
      await product.incidentThat(incident.id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
      const view = await openModal(async () => await click(ts, 'nunchi:more'))
      await product.person().submit(view.id, {
        'nunchi:severity': 'warning',
        'nunchi:note': 'Only the batch jobs',
        'nunchi:options': ['unacknowledge'],
      })
      await product.whisper(/is warning now.*Added to the timeline.*needs action again/)
      expect(await product.incident(incident.id)).toMatchObject({ severity: 'warning', status: 'active' })
    })

    test('of which nothing was changed says so', async () => {
      const ts = product.postButtons(await product.openIncident())
      const view = await openModal(async () => await click(ts, 'nunchi:more'))
      await product.person().submit(view.id)
      await product.whisper(/Nothing was changed/)
    })

    test('that comes too late is asked for again', async () => {
      const ts = product.postButtons(await product.openIncident())
      const stop = product.slack.addFault({
        method: 'views.open',
        fault: { kind: 'error', error: 'expired_trigger_id' },
        times: 1,
      })
      await click(ts, 'nunchi:more')
      await product.whisper(/Slack allows three seconds/)
      stop()
    })
  })

  describe(`the Home tab over ${transport}`, () => {
    test('shows my incidents and the critical ones, and what I do there is done and told there', async () => {
      const incident = await product.openIncident()
      await product.person(minji).openHome()
      await home(new RegExp(incident.name), minji)
      const before = product.whispers(minji).length
      await product.person(minji).click({ view: 'home', actionId: 'nunchi:assign-me', value: incident.id })
      await home(new RegExp(`${incident.name} is yours`), minji)
      await product.person(minji).click({ view: 'home', actionId: 'nunchi:resolve', value: incident.id })
      await home(/You resolved INC-/, minji)
      expect((await product.incident(incident.id)).status).toBe('resolved')
      expect(product.whispers(minji)).toHaveLength(before)
    })

    test('is brought up to date after its owner acted elsewhere', async () => {
      const incident = await product.openIncident('warning')
      await product.person(minji).openHome()
      await product.quiet()
      expect(JSON.stringify(product.slack.workspace.views.home(minji)?.content)).not.toContain(`${incident.name}`)
      await click(product.postButtons(incident), 'nunchi:acknowledge', minji)
      await home(new RegExp(incident.name), minji)
    })
  })

  describe(`a message over ${transport}`, () => {
    test('becomes an incident', async () => {
      const { ts } = await product.person(minji).say(channel, 'The shop is down\nsince &lt;noon&gt;')
      const view = await openModal(
        async () => await product.person().messageShortcut('nunchi:declare-from-message', channel, ts),
      )
      await product.person().submit(view.id)
      const { id } = await product.waitFor(async () => {
        const { body } = await product.nunchi.api<{ items: ToldIncident[] }>('/api/v1/incidents?q=shop')
        return body.items[0]
      }, 'the incident is there')
      expect(await product.timeline(id)).toMatchObject([
        { kind: 'declared' },
        { kind: 'note', reason: 'The shop is down\nsince <noon>' },
      ])
    })

    test('in the thread of an incident lands in its timeline, by its menu or by :memo:', async () => {
      const incident = await product.openIncident()
      const { ts } = await product.person(minji).say(channel, 'It was the cache', incident.root)
      await product.person().messageShortcut('nunchi:add-to-timeline', channel, ts)
      await noted(incident.id, 'It was the cache')
      await product.person(minji).say(channel, ':memo: flushed it', incident.root)
      expect(await noted(incident.id, 'flushed it')).toMatchObject({ by: { name: 'Minji Kim' }, via: 'slack' })
      await product.person(minji).say(channel, 'just talking', incident.root)
      await product.person(minji).say(channel, ':memo: in no thread')
      await product.quiet()
      expect((await product.timeline(incident.id)).filter(({ kind }) => kind === 'note')).toHaveLength(2)
    })

    test('elsewhere is added to the incident that the person names', async () => {
      const incident = await product.openIncident()
      const { ts } = await product.person(minji).say(channel, 'Also the other region')
      const view = await openModal(
        async () => await product.person().messageShortcut('nunchi:add-to-timeline', channel, ts),
      )
      const errors = await product.person().submit(view.id, { 'nunchi:incident-name': 'what' })
      expect(Object.keys(errors.fieldErrors ?? {})).toEqual(['nunchi:incident-name'])
      await product.person().submit(view.id, { 'nunchi:incident-name': incident.name })
      await noted(incident.id, 'Also the other region')
    })
  })
}
