import type { SlackMessage } from '../workspace.ts'
import type { ActionName } from './control-commands.ts'
import type { Delivery } from './delivery.ts'
import type { ClickTarget, Happening } from './happening.ts'
import type { Person } from './person.ts'
import type { Tampering } from './sign-request.ts'
import type { FormValues } from './view-state.ts'

/** What a person does, as the control API is told of it. */
export interface Deed {
  readonly user: string
  readonly action: ActionName
  readonly args: readonly unknown[]
  readonly sending: Tampering
}

/** Somebody in front of a Slack in another process; does and fails as `Person` does. */
export class RemotePerson implements Pick<Person, ActionName> {
  readonly id: string
  readonly #act: (deed: Deed) => Promise<unknown>
  readonly #sending: Tampering

  constructor(act: (deed: Deed) => Promise<unknown>, id: string, sending: Tampering = {}) {
    this.#act = act
    this.id = id
    this.#sending = sending
  }

  /** The same person, whose deliveries go out wrong. */
  sending(tampering: Tampering): RemotePerson {
    return new RemotePerson(this.#act, this.id, { ...this.#sending, ...tampering })
  }

  async click(target: ClickTarget): Promise<Happening> {
    return await this.#do('click', target)
  }

  async submit(viewId: string, values: FormValues = {}): Promise<Happening> {
    return await this.#do('submit', viewId, values)
  }

  async closeView(viewId: string): Promise<Happening | undefined> {
    return await this.#do('closeView', viewId)
  }

  async command(command: string, text: string, channel: string): Promise<Happening> {
    return await this.#do('command', command, text, channel)
  }

  async messageShortcut(callbackId: string, channel: string, ts: string): Promise<Happening> {
    return await this.#do('messageShortcut', callbackId, channel, ts)
  }

  async globalShortcut(callbackId: string): Promise<Happening> {
    return await this.#do('globalShortcut', callbackId)
  }

  async openHome(): Promise<Delivery | undefined> {
    return await this.#do('openHome')
  }

  async say(channel: string, text: string, threadTs?: string): Promise<SlackMessage> {
    return await this.#do('say', channel, text, ...(threadTs === undefined ? [] : [threadTs]))
  }

  async react(channel: string, ts: string, reaction: string): Promise<Delivery | undefined> {
    return await this.#do('react', channel, ts, reaction)
  }

  async #do<T>(action: ActionName, ...args: readonly unknown[]): Promise<T> {
    return (await this.#act({ user: this.id, action, args, sending: this.#sending })) as T
  }
}
