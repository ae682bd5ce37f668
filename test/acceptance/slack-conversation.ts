import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_USER as ADA, DEFAULT_CHANNEL as channel } from '../support/fake-slack/fake-slack.ts'
import type { SlackView } from '../support/fake-slack/view-store.ts'
import { type InteractiveOptions, InteractiveProduct, type ToldIncident } from '../support/interactive-product.ts'

type Transport = NonNullable<InteractiveOptions['transport']>

const MINJI = 'U0MINJI'

/** People in front of Slack, and the product behind it. */
class Talk {
  readonly transport: Transport
  #product: InteractiveProduct | null = null

  constructor(transport: Transport) {
    this.transport = transport
  }

  get product(): InteractiveProduct {
    if (this.#product === null) throw new Error('The product has not been started')
    return this.#product
  }

  async begin(): Promise<void> {
    const users = [{ id: MINJI, realName: 'Minji Kim', email: 'minji@example.com' }]
    this.#product = await InteractiveProduct.start({ users, transport: this.transport })
    this.#product.slack.subscribe('message')
  }

  async end(): Promise<void> {
    this.product.nunchi.assertNoErrorLogs()
    await this.product.stop()
  }

  async type(text: string, user = ADA) {
    return await this.product.person(user).command('/nunchi', text, channel)
  }

  async click(ts: string, actionId: string, user = ADA) {
    return await this.product.person(user).click({ channel, ts, actionId })
  }

  async openModal(opens: () => Promise<unknown>): Promise<SlackView> {
    await opens()
    return await this.product.waitFor(() => this.product.slack.workspace.views.pile(ADA).at(-1), 'a modal opens')
  }

  async home(pattern: RegExp, user: string): Promise<string> {
    const shown = (): string => JSON.stringify(this.product.slack.workspace.views.home(user)?.content ?? null)
    return await this.product.waitFor(() => (pattern.test(shown()) ? shown() : undefined), `Home shows ${pattern}`)
  }

  async noted(id: string, text: string) {
    return await this.product.waitFor(
      async () => (await this.product.timeline(id)).find(({ kind, reason }) => kind === 'note' && reason === text),
      `"${text}" is in the timeline`,
    )
  }
}

/** What people say to Nunchi in Slack, the same over HTTP and over Socket Mode. */
export function describeConversation(transport: Transport): void {
  const talk = new Talk(transport)
  beforeAll(async () => await talk.begin())
  afterAll(async () => await talk.end())
  describeCommand(talk)
  describeMore(talk)
  describeHome(talk)
  describeMessages(talk)
}

function describeCommand(talk: Talk): void {
  describe(`the command /nunchi over ${talk.transport}`, () => {
    let incident: ToldIncident
    beforeAll(async () => {
      incident = await talk.product.openIncident()
    })

    test('lists what is open, to the person alone', async () => {
      expect((await talk.type('list')).error).toBeUndefined()
      expect(await talk.product.whisper(new RegExp(incident.name))).toMatch(/Critical · Active/)
      expect(
        talk.product.slack.messages().some(({ content }) => content.text?.includes('open incidents') === true),
      ).toBe(false)
    })

    test('acknowledges, tells who, and refuses the second time', async () => {
      await talk.type(`ack ${incident.name}`, MINJI)
      await talk.product.whisper(/You acknowledged INC-/, MINJI)
      await talk.type(`ack ${incident.name.toLowerCase()}`)
      await talk.product.whisper(/Already acknowledged by Minji Kim/)
      await talk.type(`who ${incident.name}`)
      await talk.product.whisper(/Owner: Minji Kim\\nAcknowledged by Minji Kim .* ago\\nLast acted: Minji Kim/)
    })

    test('notes, shows and silences', async () => {
      await talk.type(`note ${incident.name} rolling <back> & *forth*`)
      await talk.noted(incident.id, 'rolling <back> & *forth*')
      await talk.type(`show ${incident.name}`)
      await talk.product.whisper(/ada: rolling <back> & \*forth\*/)
      await talk.type(`silence ${incident.name} 24h`)
      await talk.product.whisper(/is silenced for 24 hours/)
      await talk.type(`silence ${incident.name} forever`)
      await talk.product.whisper(/For how long\?/)
    })

    test('resolves with a reason', async () => {
      await talk.type(`resolve ${incident.name} a new disk`)
      await talk.product.incidentThat(incident.id, ({ status }) => status === 'resolved', 'it is resolved')
      expect((await talk.product.timeline(incident.id)).at(-1)).toMatchObject({
        kind: 'resolved',
        reason: 'a new disk',
      })
    })

    test('helps whoever it does not understand', async () => {
      await talk.type('frobnicate')
      await talk.product.whisper(/INC-1042: acknowledge it/)
      await talk.type('ack')
      await talk.product.whisper(/Which incident\?/)
      await talk.type('show INC-999999')
      await talk.product.whisper(/There is no incident INC-999999/)
    })

    test('opens an incident by hand, once its modal is filled in', async () => {
      const view = await talk.openModal(async () => await talk.type('declare Checkout is slow'))
      const errors = await talk.product.person().submit(view.id, { 'nunchi:title': '   ' })
      expect(errors.fieldErrors).toEqual({ 'nunchi:title': 'Say what is broken.' })
      const done = await talk.product.person().submit(view.id, {
        'nunchi:title': 'Checkout is slow in Seoul',
        'nunchi:severity': 'critical',
        'nunchi:service': 'checkout',
        'nunchi:note': 'Since noon',
      })
      expect([done.error, done.fieldErrors]).toEqual([undefined, undefined])
      const opened = await talk.product.whisper(/You opened INC-\d+/)
      const name = /INC-\d+/.exec(opened)?.[0] ?? ''
      expect(await talk.product.incident(name)).toMatchObject({
        severity: 'critical',
        status: 'active',
        service: 'checkout',
      })
      expect((await talk.product.timeline(name)).map(({ kind }) => kind)).toEqual(['declared', 'note'])
      await talk.product.waitFor(
        () =>
          talk.product.slack
            .messages()
            .some((message) => JSON.stringify(message).includes('Checkout is slow in Seoul')),
        'the channel is told',
      )
    })
  })
}

function describeMore(talk: Talk): void {
  describe(`the modal behind More over ${talk.transport}`, () => {
    test('changes the severity, adds a note and takes an acknowledgement back, and tells so', async () => {
      const incident = await talk.product.openIncident('error')
      const ts = talk.product.postButtons(incident)
      await talk.click(ts, 'nunchi:acknowledge')
      await talk.product.incidentThat(incident.id, ({ status }) => status === 'acknowledged', 'it is acknowledged')
      const view = await talk.openModal(async () => await talk.click(ts, 'nunchi:more'))
      await talk.product.person().submit(view.id, {
        'nunchi:severity': 'warning',
        'nunchi:note': 'Only the batch jobs',
        'nunchi:options': ['unacknowledge'],
      })
      await talk.product.whisper(/is warning now.*Added to the timeline.*needs action again/)
      expect(await talk.product.incident(incident.id)).toMatchObject({ severity: 'warning', status: 'active' })
    })

    test('of which nothing was changed says so', async () => {
      const ts = talk.product.postButtons(await talk.product.openIncident())
      const view = await talk.openModal(async () => await talk.click(ts, 'nunchi:more'))
      await talk.product.person().submit(view.id)
      await talk.product.whisper(/Nothing was changed/)
    })

    test('that comes too late is asked for again', async () => {
      const ts = talk.product.postButtons(await talk.product.openIncident())
      const stop = talk.product.slack.addFault({
        method: 'views.open',
        fault: { kind: 'error', error: 'expired_trigger_id' },
        times: 1,
      })
      await talk.click(ts, 'nunchi:more')
      await talk.product.whisper(/Slack allows three seconds/)
      stop()
    })
  })
}

function describeHome(talk: Talk): void {
  describe(`the Home tab over ${talk.transport}`, () => {
    test('shows my incidents and the critical ones, and what I do there is done and told there', async () => {
      const incident = await talk.product.openIncident()
      await talk.product.person(MINJI).openHome()
      await talk.home(new RegExp(incident.name), MINJI)
      const before = talk.product.whispers(MINJI).length
      await talk.product.person(MINJI).click({ view: 'home', actionId: 'nunchi:assign-me', value: incident.id })
      await talk.home(new RegExp(`${incident.name} is yours`), MINJI)
      await talk.product.person(MINJI).click({ view: 'home', actionId: 'nunchi:resolve', value: incident.id })
      await talk.home(/You resolved INC-/, MINJI)
      expect((await talk.product.incident(incident.id)).status).toBe('resolved')
      expect(talk.product.whispers(MINJI)).toHaveLength(before)
    })

    test('is brought up to date after its owner acted elsewhere', async () => {
      const incident = await talk.product.openIncident('warning')
      await talk.product.person(MINJI).openHome()
      await talk.product.quiet()
      expect(JSON.stringify(talk.product.slack.workspace.views.home(MINJI)?.content)).not.toContain(`${incident.name}`)
      await talk.click(talk.product.postButtons(incident), 'nunchi:acknowledge', MINJI)
      await talk.home(new RegExp(incident.name), MINJI)
    })
  })
}

function describeMessages(talk: Talk): void {
  describe(`a message over ${talk.transport}`, () => {
    test('becomes an incident', async () => {
      const { ts } = await talk.product.person(MINJI).say(channel, 'The shop is down\nsince &lt;noon&gt;')
      const view = await talk.openModal(
        async () => await talk.product.person().messageShortcut('nunchi:declare-from-message', channel, ts),
      )
      await talk.product.person().submit(view.id)
      const { id } = await talk.product.waitFor(async () => {
        const { body } = await talk.product.nunchi.api<{ items: ToldIncident[] }>('/api/v1/incidents?q=shop')
        return body.items[0]
      }, 'the incident is there')
      expect(await talk.product.timeline(id)).toMatchObject([
        { kind: 'declared' },
        { kind: 'note', reason: 'The shop is down\nsince <noon>' },
      ])
    })

    test('in the thread of an incident lands in its timeline, by its menu or by :memo:', async () => {
      const incident = await talk.product.openIncident()
      const { ts } = await talk.product.person(MINJI).say(channel, 'It was the cache', incident.root)
      await talk.product.person().messageShortcut('nunchi:add-to-timeline', channel, ts)
      await talk.noted(incident.id, 'It was the cache')
      await talk.product.person(MINJI).say(channel, ':memo: flushed it', incident.root)
      expect(await talk.noted(incident.id, 'flushed it')).toMatchObject({ by: { name: 'Minji Kim' }, via: 'slack' })
      await talk.product.person(MINJI).say(channel, 'just talking', incident.root)
      await talk.product.person(MINJI).say(channel, ':memo: in no thread')
      await talk.product.quiet()
      expect((await talk.product.timeline(incident.id)).filter(({ kind }) => kind === 'note')).toHaveLength(2)
    })

    test('elsewhere is added to the incident that the person names', async () => {
      const incident = await talk.product.openIncident()
      const { ts } = await talk.product.person(MINJI).say(channel, 'Also the other region')
      const view = await talk.openModal(
        async () => await talk.product.person().messageShortcut('nunchi:add-to-timeline', channel, ts),
      )
      const errors = await talk.product.person().submit(view.id, { 'nunchi:incident-name': 'what' })
      expect(Object.keys(errors.fieldErrors ?? {})).toEqual(['nunchi:incident-name'])
      await talk.product.person().submit(view.id, { 'nunchi:incident-name': incident.name })
      await talk.noted(incident.id, 'Also the other region')
    })
  })
}
