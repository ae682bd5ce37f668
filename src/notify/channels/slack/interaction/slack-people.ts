import type { WebAPICallResult } from '@slack/web-api'
import { findPersonOf } from '../../../../auth/people-repository.ts'
import type { Actor } from '../../../../domain/actor.ts'
import type { Language } from '../../../../domain/language.ts'
import { type MemberRights, SCOPES_OF_ROLE } from '../../../../domain/person.ts'
import type { Db } from '../../../../store/database.ts'
import { printableText } from '../../printable-text.ts'
import { callSlack, type SlackLine } from '../call-slack.ts'
import { unknownOf } from '../outcome-of-failure.ts'
import type { PersonRefusal } from './interaction-texts.ts'
import { listAt, objectAt, textAt } from './json-fields.ts'

/** Who asks, and in which language to answer. */
export type Caller =
  | { readonly kind: 'known'; readonly actor: Actor; readonly language: Language }
  | { readonly kind: 'refused'; readonly why: PersonRefusal; readonly language: Language }
  /** Slack could not be asked; nothing may be done for somebody unknown. */
  | { readonly kind: 'unreachable'; readonly detail: string; readonly afterMs: number | null }

export interface PeopleDirectoryDeps {
  readonly db: Db
  readonly tenantId: string
  readonly now: () => number
  /** What a full member may do whom the configuration does not name. */
  readonly members: MemberRights
}

export interface SlackAccount {
  readonly teamId: string
  readonly userId: string
  /** Where Slack does not know the person's language. */
  readonly language: Language
}

/** How long an answer of Slack about an account counts: long enough for a burst of clicks, too short for somebody who was let go. */
const REMEMBERED_MS = 30_000
const MOST_REMEMBERED = 2_000

type UserInfo = { readonly at: number; readonly user: Readonly<Record<string, unknown>> }

/** Finds out who is behind a Slack account at the moment of the click, and what that person may do. */
export class SlackPeople {
  readonly #deps: PeopleDirectoryDeps
  readonly #remembered = new Map<string, UserInfo>()

  constructor(deps: PeopleDirectoryDeps) {
    this.#deps = deps
  }

  /** Never throws for what Slack answers; throws what the database throws. */
  async identify(line: SlackLine, account: SlackAccount): Promise<Caller> {
    const key = `${account.teamId}/${account.userId}`
    const known = this.#remembered.get(key)
    const isFresh = known !== undefined && this.#deps.now() - known.at < REMEMBERED_MS
    const answer = isFresh ? { ok: true as const, user: known.user } : await askSlack(line, account.userId)
    if (!answer.ok) {
      if (answer.isFinal) return { kind: 'refused', why: 'unknown', language: account.language }
      return { kind: 'unreachable', detail: answer.detail, afterMs: answer.afterMs }
    }
    if (!isFresh) this.#remember(key, answer.user)
    return await this.#judge(answer.user, account)
  }

  async #judge(user: UserInfo['user'], account: SlackAccount): Promise<Caller> {
    const language = textAt(user, 'locale')?.startsWith('ko') === true ? 'ko' : account.language
    const refusal = refusalOf(user, account.teamId)
    if (refusal !== null) return { kind: 'refused', why: refusal, language }
    const { db, tenantId, now, members } = this.#deps
    const email = textAt(user, 'profile', 'email')
    const person = await findPersonOf(db, tenantId, { ...account, email }, now())
    const common = { kind: 'user', via: 'slack', tenantId } as const
    if (person !== null) {
      const actor = { ...common, id: person.id, name: person.name, scopes: SCOPES_OF_ROLE[person.role] }
      return { kind: 'known', actor, language }
    }
    if (members === 'none') return { kind: 'refused', why: 'not-allowed', language }
    const id = `slack:${account.teamId}:${account.userId}`
    return { kind: 'known', actor: { ...common, id, name: nameOf(user), scopes: [members] }, language }
  }

  #remember(key: string, user: UserInfo['user']): void {
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, { at: this.#deps.now(), user })
  }
}

type Asked =
  | { readonly ok: true; readonly user: UserInfo['user'] }
  | { readonly ok: false; readonly isFinal: boolean; readonly detail: string; readonly afterMs: number | null }

async function askSlack(line: SlackLine, userId: string): Promise<Asked> {
  const answer = await callSlack<WebAPICallResult>(line, (client) =>
    client.apiCall('users.info', { user: userId, include_locale: true }),
  )
  if (!answer.ok) {
    const { detail, afterMs } = unknownOf(answer.failure, 'Slack')
    return { ok: false, isFinal: answer.failure.kind === 'refused', detail, afterMs }
  }
  const user = objectAt(answer.value, 'user')
  return user === null
    ? { ok: false, isFinal: false, detail: 'Slack answered without naming the person', afterMs: null }
    : { ok: true, user }
}

/** Who may never act, whatever the configuration says. */
function refusalOf(user: UserInfo['user'], teamId: string): PersonRefusal | null {
  if (user['deleted'] === true) return 'deleted'
  if (user['is_bot'] === true || user['is_workflow_bot'] === true) return 'bot'
  if (user['is_restricted'] === true || user['is_ultra_restricted'] === true) return 'guest'
  const teams = [textAt(user, 'team_id'), ...listAt(user, 'enterprise_user', 'teams')]
  return user['is_stranger'] === true || !teams.includes(teamId) ? 'stranger' : null
}

function nameOf(user: UserInfo['user']): string {
  const names = [textAt(user, 'profile', 'real_name'), textAt(user, 'real_name'), textAt(user, 'name')]
  const name = names.find((each) => each !== null) ?? 'somebody'
  return printableText(name).slice(0, 100)
}
