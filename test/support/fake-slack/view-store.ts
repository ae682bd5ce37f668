import { randomBytes } from 'node:crypto'
import { APP } from './api-method.ts'
import { withGeneratedIds } from './generated-ids.ts'
import type { JsonObject } from './schema-checks.ts'
import type { ViewType } from './view-rules.ts'

/** A view that somebody has before them. */
export interface SlackView {
  readonly id: string
  readonly type: ViewType
  readonly userId: string
  readonly rootId: string
  readonly previousId: string | undefined
  /** What the app sent last, with the ids that Slack adds. */
  content: JsonObject
  /** Changes with the content. */
  hash: string
  /** What was in it before, oldest first. */
  readonly versions: JsonObject[]
}

/** The modals that people have open, each person's in a pile, and the App Home of everybody. */
export class ViewStore {
  readonly #now: () => number
  readonly #piles = new Map<string, SlackView[]>()
  readonly #homes = new Map<string, SlackView>()
  #count = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** The modals of somebody; the last one is on top. */
  pile(userId: string): readonly SlackView[] {
    return this.#piles.get(userId) ?? []
  }

  home(userId: string): SlackView | undefined {
    return this.#homes.get(userId)
  }

  /** Every open view, homes included. */
  get all(): readonly SlackView[] {
    return [...[...this.#piles.values()].flat(), ...this.#homes.values()]
  }

  find(id: string): SlackView | undefined {
    return this.all.find((view) => view.id === id)
  }

  /** Puts a modal on top of somebody's pile; `isRoot` takes away what lay there. */
  open(userId: string, content: JsonObject, isRoot: boolean): SlackView {
    const below = isRoot ? [] : this.pile(userId)
    const view = this.#make({ userId, content, type: 'modal', below: below.at(-1) })
    this.#piles.set(userId, [...below, view])
    return view
  }

  /** Shows somebody's App Home; its id stays for ever. */
  publish(userId: string, content: JsonObject): SlackView {
    const known = this.#homes.get(userId)
    if (known !== undefined) return this.update(known, content)
    const view = this.#make({ userId, content, type: 'home', below: undefined })
    this.#homes.set(userId, view)
    return view
  }

  update(view: SlackView, content: JsonObject): SlackView {
    view.versions.push(view.content)
    view.content = withGeneratedIds(content, view.id)
    view.hash = this.#hash()
    return view
  }

  /** Takes one modal away, or with `all` the whole pile. */
  close(view: SlackView, all = false): void {
    this.#piles.set(view.userId, all ? [] : this.pile(view.userId).filter((other) => other !== view))
  }

  #make(parts: Pick<SlackView, 'userId' | 'content' | 'type'> & { readonly below: SlackView | undefined }): SlackView {
    const { below, content, ...others } = parts
    this.#count += 1
    const id = `V0FAKE${String(this.#count).padStart(4, '0')}`
    const place = { id, rootId: below?.rootId ?? id, previousId: below?.id }
    return { ...others, ...place, content: withGeneratedIds(content, id), hash: this.#hash(), versions: [] }
  }

  #hash(): string {
    return `${Math.floor(this.#now() / 1000)}.${randomBytes(4).toString('hex')}`
  }
}

/** A view as the API and the payloads show it. */
export function showView(view: SlackView, teamId: string, values: JsonObject = {}): JsonObject {
  const { id, type, hash, rootId, previousId, content } = view
  const defaults = {
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
  }
  const own = { id, team_id: teamId, app_id: APP.appId, bot_id: APP.botId, app_installed_team_id: teamId }
  const place = { root_view_id: rootId, previous_view_id: previousId ?? null, hash }
  return { close: null, submit: null, ...defaults, ...content, type, ...own, ...place, state: { values } }
}
