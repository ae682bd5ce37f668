import type { Channel } from '../channel.ts'
import type { EphemeralMessage } from '../ephemeral-store.ts'
import { withGeneratedIds } from '../generated-ids.ts'
import type { SlackUser } from '../slack-user.ts'
import { type SlackView, showView } from '../view-store.ts'
import type { SlackMessage, Workspace } from '../workspace.ts'
import type { Deliveries } from './deliveries.ts'
import { type Delivery, isTaken, type Outgoing } from './delivery.ts'
import type { EventFeed } from './event-feed.ts'
import { findElement } from './find-element.ts'
import type { ClickTarget, Happening } from './happening.ts'
import { judgeCommand } from './judge-command.ts'
import { judgeSubmission } from './judge-submission.ts'
import {
  blockActions,
  type Scene,
  type Surface,
  shortcut,
  slashCommand,
  viewClosed,
  viewSubmission,
} from './payloads.ts'
import type { ResponseTarget, ResponseUrls } from './response-urls.ts'
import type { Tampering } from './sign-request.ts'
import { type FormValues, stateOf } from './view-state.ts'

/** The world in which people do something. */
export interface PersonWorld {
  readonly workspace: Workspace
  readonly deliveries: Deliveries
  readonly events: EventFeed
  readonly responseUrls: ResponseUrls
  readonly origin: () => string
}

/** Somebody in front of Slack. What they cannot do there fails as a mistake of the test. */
export class Person {
  readonly id: string
  readonly #world: PersonWorld
  readonly #tampering: Tampering

  constructor(world: PersonWorld, id: string, tampering: Tampering = {}) {
    this.id = id
    this.#world = world
    this.#tampering = tampering
  }

  /** The same person, whose deliveries go out wrong: late, wrongly signed, of another workspace. */
  sending(tampering: Tampering): Person {
    return new Person(this.#world, this.id, { ...this.#tampering, ...tampering })
  }

  /** Clicks a button or chooses from a menu that is really shown. */
  async click(target: ClickTarget): Promise<Happening> {
    const surface = 'view' in target ? { view: this.#view(target.view) } : this.#message(target.channel, target.ts)
    const content =
      'view' in surface ? surface.view.content : withGeneratedIds({ ...surface.message.content }, surface.message.ts)
    const { actionId, blockId, value, selectedOption } = target
    const found = findElement(content, { actionId, blockId, value })
    if (found.block['type'] === 'input' && found.block['dispatch_action'] !== true) {
      throw new Error(`${actionId} is sent with the form and not by itself: its block lacks dispatch_action.`)
    }
    const click = selectedOption === undefined ? found : { ...found, choice: selectedOption }
    return await this.#send('block_actions', blockActions(this.#scene(surface), surface, click))
  }

  /** Submits a modal; fails when Slack would not let the person, because a field is empty or too long. */
  async submit(viewId: string, values: FormValues = {}): Promise<Happening> {
    const view = this.#view(viewId)
    const payload = viewSubmission(this.#scene(), view, stateOf(view.content, values, true))
    const delivery = await this.#deliver({ kind: 'view_submission', payload })
    return this.#conclude(delivery, judgeSubmission(this.#world.workspace, delivery.answer, view))
  }

  /** Closes a modal. The app hears of it only if it wanted to. */
  async closeView(viewId: string): Promise<Happening | undefined> {
    const view = this.#view(viewId)
    const { notify_on_close: isToldOf, clear_on_close: isCleared = false } = view.content
    this.#world.workspace.views.close(view, isCleared === true)
    if (isToldOf !== true) return undefined
    return await this.#send('view_closed', viewClosed(this.#scene(), view, isCleared === true))
  }

  async command(command: string, text: string, channel: string): Promise<Happening> {
    const place = this.#channel(channel)
    const scene = this.#scene({ kind: 'commands', channel: place.id })
    const delivery = await this.#deliver({ kind: 'command', payload: slashCommand(scene, place, { command, text }) })
    const verdict = judgeCommand(this.#world.workspace, delivery.answer, { channel: place.id, userId: this.id })
    return this.#conclude(delivery, verdict)
  }

  async messageShortcut(callbackId: string, channel: string, ts: string): Promise<Happening> {
    const on = this.#message(channel, ts)
    if ('userId' in on.message) throw new Error('An ephemeral message has no menu of shortcuts.')
    const { message } = on
    return await this.#send('message_action', shortcut(this.#scene(on), callbackId, { ...on, message }))
  }

  async globalShortcut(callbackId: string): Promise<Happening> {
    return await this.#send('shortcut', shortcut(this.#scene(), callbackId))
  }

  /** Opens the App Home; without a subscription to `app_home_opened` nobody hears of it. */
  async openHome(): Promise<Delivery | undefined> {
    const { workspace, events } = this.#world
    if (!events.isSubscribed('app_home_opened')) return undefined
    const home = workspace.views.home(this.id)
    const view = home === undefined ? {} : { view: showView(home, workspace.teamId) }
    const place = { user: this.#user.id, channel: `D${this.id.slice(1)}`, tab: 'home', ...view }
    return await events.emit(
      { type: 'app_home_opened', ...place, event_ts: workspace.nextTs() },
      this.id,
      this.#tampering,
    )
  }

  /** Writes a message; resolves when the app was told, if it is subscribed to that. */
  async say(channel: string, text: string, threadTs?: string): Promise<SlackMessage> {
    const { workspace, events } = this.#world
    const message = workspace.post(this.#channel(channel), { author: this.#user.id, content: { text }, threadTs })
    await events.deliveriesOf(message.ts)
    return message
  }

  /** Puts an emoji on a message; without a subscription to `reaction_added` nobody hears of it. */
  async react(channel: string, ts: string, reaction: string): Promise<Delivery | undefined> {
    const { workspace, events } = this.#world
    const { message } = this.#message(channel, ts)
    if (!events.isSubscribed('reaction_added') || 'userId' in message) return undefined
    const item = { type: 'message', channel, ts }
    const event = { type: 'reaction_added', user: this.id, reaction, item, item_user: message.author }
    return await events.emit({ ...event, event_ts: workspace.nextTs() }, this.id, this.#tampering)
  }

  async #send(kind: Outgoing['kind'], payload: Outgoing['payload']): Promise<Happening> {
    const delivery = await this.#deliver({ kind, payload })
    const { answer } = delivery
    if (isTaken(answer)) return this.#conclude(delivery, {})
    const status = answer?.kind === 'answered' ? `status ${answer.status}` : undefined
    return this.#conclude(delivery, {
      error: status ?? (answer?.kind === 'timeout' ? 'no answer within three seconds' : 'no answer'),
    })
  }

  async #deliver(outgoing: Pick<Outgoing, 'kind' | 'payload'>): Promise<Delivery> {
    return await this.#world.deliveries.deliver({ ...outgoing, userId: this.id }, this.#tampering)
  }

  #conclude(delivery: Delivery, verdict: Omit<Happening, 'delivery' | 'roundTripMs'>): Happening {
    if (verdict.error !== undefined) this.#world.deliveries.tellPerson(delivery, verdict.error)
    return { delivery, roundTripMs: delivery.roundTripMs ?? 0, ...verdict }
  }

  #scene(on?: Surface | Pick<ResponseTarget, 'kind' | 'channel'>): Scene {
    const { workspace, responseUrls, origin } = this.#world
    const scene = { workspace, user: this.#user, triggerId: workspace.triggers.issue(this.id) }
    if (on === undefined || 'view' in on) return scene
    const target = 'kind' in on ? on : { kind: 'actions' as const, channel: on.channel.id, original: on.message }
    return { ...scene, responseUrl: origin() + responseUrls.issue({ ...target, userId: this.id }, workspace.teamId) }
  }

  get #user(): SlackUser {
    const user = this.#world.workspace.user(this.id)
    if (user === undefined) throw new Error(`There is nobody ${this.id}; add them first.`)
    if (user.kind === 'deleted') throw new Error(`${this.id} has left and cannot do anything.`)
    return user
  }

  #channel(id: string): Channel {
    const channel = this.#world.workspace.channel(id)
    if (!channel.people.has(this.#user.id)) throw new Error(`${this.id} is not in ${id}.`)
    return channel
  }

  #message(channelId: string, ts: string): { message: SlackMessage | EphemeralMessage; channel: Channel } {
    const { workspace } = this.#world
    const channel = this.#channel(channelId)
    const message = workspace.message(channel, ts) ?? workspace.ephemerals.find(this.id, ts)
    if (message === undefined) throw new Error(`${this.id} sees no message ${ts} in ${channelId}.`)
    return { message, channel }
  }

  #view(id: string): SlackView {
    const { views } = this.#world.workspace
    const view = id === 'home' ? views.home(this.id) : views.find(id)
    if (view?.userId === this.id) return view
    throw new Error(
      `${this.id} has no view ${id} open, only ${
        views
          .pile(this.id)
          .map((one) => one.id)
          .join(', ') || 'none'
      }.`,
    )
  }
}
