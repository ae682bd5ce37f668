import { APP } from './fake-slack/api-method.ts'
import { DEFAULT_CHANNEL, DEFAULT_USER, type FakeSlack, startFakeSlack } from './fake-slack/fake-slack.ts'
import { DEFAULT_SIGNING_SECRET } from './fake-slack/interaction/deliveries.ts'
import type { Person } from './fake-slack/interaction/person.ts'
import type { UserOptions } from './fake-slack/slack-user.ts'
import { startNunchiWithSlack } from './nunchi-and-slack.ts'
import { queryMain } from './query-product.ts'
import type { RunningNunchi } from './run-nunchi.ts'
import { waitUntil } from './wait-until.ts'

/** An incident as the API tells it, as far as these tests look. */
export interface ToldIncident {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly severity: string
  readonly version: number
  readonly owner: { readonly id: string; readonly name: string } | null
  readonly acknowledgedBy: { readonly id: string; readonly name: string } | null
  readonly silence: { readonly until: string | null } | null
}

export interface ToldEntry {
  readonly kind: string
  readonly reason: string
  readonly via: string
  readonly by: { readonly id: string; readonly name: string }
}

export interface InteractiveOptions {
  readonly users?: readonly UserOptions[]
  readonly config?: { readonly slack?: object; readonly [section: string]: unknown }
  readonly env?: Readonly<Record<string, string>>
  /** Default: over HTTP. */
  readonly transport?: 'http' | 'socket'
}

/** The product with a fake Slack whose people click, type and open things. */
export class InteractiveProduct {
  readonly slack: FakeSlack
  readonly nunchi: RunningNunchi
  #alerts = 0

  constructor(slack: FakeSlack, nunchi: RunningNunchi) {
    this.slack = slack
    this.nunchi = nunchi
  }

  static async start(options: InteractiveOptions = {}): Promise<InteractiveProduct> {
    const { users = [], config = {}, env = {}, transport = 'http' } = options
    const slack = await startFakeSlack({ limits: 'off', users, tokens: TOKENS })
    const nunchi = await startNunchiWithSlack(slack, {
      // Many incidents at once are no storm here, and no edit waits for the budget of a minute.
      config: { ...config, slack: { storm: { newIncidents: 0 }, editsPerMinute: 60_000, ...slackOf(config) } },
      env: {
        ...(transport === 'http'
          ? { SLACK_SIGNING_SECRET: DEFAULT_SIGNING_SECRET }
          : { SLACK_APP_TOKEN: 'xapp-fake-token' }),
        ...env,
      },
    })
    if (transport === 'http') slack.useRequestUrls(doorsOf(nunchi))
    else slack.useSocketMode()
    const product = new InteractiveProduct(slack, nunchi)
    await product.waitFor(() => slack.calls('auth.test').length > 0, 'the product learns which workspace it is in')
    if (transport === 'socket') await product.waitFor(() => slack.sockets.count > 0, 'Socket Mode connects')
    return product
  }

  person(id: string = DEFAULT_USER): Person {
    return this.slack.person(id)
  }

  /** Lets an alert of its own fire, and waits for its incident and for its message. */
  async openIncident(severity = 'critical'): Promise<ToldIncident & { readonly root: string }> {
    const alertname = `Broken${++this.#alerts}`
    const alert = { status: 'firing', labels: { alertname, severity }, startsAt: new Date().toISOString() }
    const body = { version: '4', status: 'firing', receiver: 'r', groupKey: alertname, alerts: [alert] }
    await this.nunchi.post('/webhook/alertmanager', body)
    const incident = await this.waitFor(async () => {
      const { body: page } = await this.nunchi.api<{ items: ToldIncident[] }>(`/api/v1/incidents?q=${alertname}`)
      return page.items[0]
    }, 'the incident opens')
    const root = await this.waitFor(
      () =>
        this.slack
          .messages()
          .find((message) => JSON.stringify(message).includes(incident.id) && message.threadTs === undefined),
      'its message is posted',
    )
    return { ...incident, root: root.ts }
  }

  /** A message with the buttons of an incident, as the bot posts it; answers its ts. */
  postButtons({ id }: Pick<ToldIncident, 'id'>, channel: string = DEFAULT_CHANNEL): string {
    const button = (name: string) => ({
      type: 'button',
      action_id: `nunchi:${name}`,
      text: { type: 'plain_text', text: name },
      value: id,
    })
    const options = ['1h', '4h', '24h', 'until-resolved', 'off'].map((value) => ({
      value,
      text: { type: 'plain_text', text: value },
    }))
    const silence = { type: 'static_select', action_id: 'nunchi:silence', options }
    const elements = [...['acknowledge', 'resolve', 'assign-me', 'reopen', 'more'].map(button), silence]
    const blocks = [{ type: 'actions', block_id: `nunchi:incident:${id}`, elements }]
    const content = { text: 'buttons', blocks }
    return this.slack.workspace.post(this.slack.workspace.channel(channel), {
      author: APP.userId,
      content,
      threadTs: undefined,
    }).ts
  }

  async incident(id: string): Promise<ToldIncident> {
    return (await this.nunchi.api<ToldIncident>(`/api/v1/incidents/${id}`)).body
  }

  /** The timeline, oldest first. */
  async timeline(id: string): Promise<readonly ToldEntry[]> {
    const { body } = await this.nunchi.api<{ items: ToldEntry[] }>(`/api/v1/incidents/${id}/timeline`)
    return body.items.toReversed()
  }

  async incidentThat(id: string, isAsWanted: (incident: ToldIncident) => boolean, why: string): Promise<ToldIncident> {
    return await this.waitFor(async () => {
      const incident = await this.incident(id)
      return isAsWanted(incident) ? incident : undefined
    }, why)
  }

  /** What a person alone was shown, as text. */
  whispers(user: string = DEFAULT_USER): readonly string[] {
    return this.slack.ephemerals(user).map(({ content }) => JSON.stringify(content.blocks ?? content.text))
  }

  async whisper(pattern: RegExp, user: string = DEFAULT_USER): Promise<string> {
    return await this.waitFor(
      () => this.whispers(user).find((text) => pattern.test(text)),
      `${user} is told ${pattern}; was told: ${this.whispers(user).join(' | ')}`,
    )
  }

  /** Waits until nothing is left to do. */
  async quiet(): Promise<void> {
    // The timer of a silence is still to come, and is nothing to wait for.
    const due = `select count(*) as n from job where state <> 'dead' and run_at < ${Date.now() + 60_000}`
    await this.waitFor(
      async () => Number((await queryMain(this.nunchi, due))[0]?.['n']) === 0,
      'everything that is due is done',
    )
  }

  async waitFor<T>(what: () => T | Promise<T>, why: string): Promise<NonNullable<T>> {
    return await waitUntil(what, {
      timeoutMs: 10_000,
      why,
      intervalMs: 20,
      describe: () => `${this.slack.describe()}\n${this.nunchi.logTail(20)}`,
    })
  }

  async stop(): Promise<void> {
    await this.nunchi.stop()
    await this.slack.close()
  }
}

function slackOf(config: { readonly slack?: object }): object {
  return config.slack ?? {}
}

const TOKENS = [{ token: 'xoxb-fake-token' }, { token: 'xapp-fake-token' }]

/** Where the product takes what. */
export function doorsOf({ url }: Pick<RunningNunchi, 'url'>): {
  readonly interactions: string
  readonly commands: string
  readonly events: string
} {
  return {
    interactions: `${url}/slack/interactions`,
    commands: `${url}/slack/commands`,
    events: `${url}/slack/events`,
  }
}
