import { hash } from 'node:crypto'
import { incidentIdOfBlock } from '../incident-actions.ts'
import { listAt, objectAt, parseJson, textAt } from './json-fields.ts'
import { plainOfMrkdwn, withoutEntities } from './plain-of-mrkdwn.ts'
import {
  BUTTONS,
  type KeptRequest,
  MODALS,
  type ModalContext,
  type ModalValues,
  type ReplyPlace,
  SHORTCUTS,
  type SlackRequest,
} from './slack-request.ts'

/** A payload of Slack as far as we act on it. */
export interface ReadPayload {
  /** The same for every copy of the same click, command or event. */
  readonly payloadId: string
  /** The workspaces that it says to belong to. */
  readonly teamIds: readonly string[]
  /** Null where Slack does not say. */
  readonly appId: string | null
  /** Slack does not name the app in this kind of payload. */
  readonly mayOmitApp: boolean
  /** Null: there is nothing to do. */
  readonly kept: KeptRequest | null
}

/** Longer texts than people write: what is beyond is cut. */
const LONGEST_TEXT = 4_000
const LONGEST_PAYLOAD_ID = 200
const MEMO = /^\s*(?::memo:|\u{1F4DD})\s*/u

/** Reads a click, a submitted modal or a shortcut. Null when it is none. */
export function readInteractive(payload: unknown): ReadPayload | null {
  const type = textAt(payload, 'type')
  const userId = textAt(payload, 'user', 'id')
  if (type === null || userId === null) return null
  const team = textAt(payload, 'team', 'id')
  const common = {
    teamIds: team === null ? [] : [team],
    appId: textAt(payload, 'api_app_id'),
    mayOmitApp: type === 'message_action',
  }
  // The type is whatever was sent, `valueOf` as well.
  const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined
  const read = type === 'block_actions' ? readClick(payload) : reader?.(payload)
  if (!read) return { ...common, payloadId: '', kept: null }
  return {
    ...common,
    payloadId: payloadIdOf([type, team, userId, ...read.names]),
    kept: read.request === null ? null : { userId, request: read.request },
  }
}

interface ReadPart {
  /** What tells this payload from others of its type and person. */
  readonly names: readonly (string | null)[]
  readonly request: SlackRequest | null
}

const READERS: Readonly<Record<string, (payload: unknown) => ReadPart>> = {
  view_submission: readSubmission,
  message_action: readShortcut,
}

function readClick(payload: unknown): ReadPart {
  const [action] = listAt(payload, 'actions')
  const button = oneOf(BUTTONS, textAt(action, 'action_id'))
  const names = [textAt(action, 'action_ts'), textAt(action, 'action_id'), textAt(action, 'block_id')]
  const blockIncident = incidentIdOfBlock(textAt(action, 'block_id') ?? '')
  const option = textAt(action, 'selected_option', 'value')
  const incidentId = blockIncident ?? textAt(action, 'value')
  if (button === null || incidentId === null) return { names, request: null }
  const triggerId = textAt(payload, 'trigger_id')
  return { names, request: { kind: 'button', button, incidentId, option, triggerId, place: placeOf(payload) } }
}

function placeOf(payload: unknown): ReplyPlace {
  const ts = textAt(payload, 'message', 'thread_ts') ?? textAt(payload, 'container', 'thread_ts')
  return {
    responseUrl: textAt(payload, 'response_url'),
    channel: textAt(payload, 'channel', 'id') ?? textAt(payload, 'container', 'channel_id'),
    threadTs: ts,
    isHome: textAt(payload, 'view', 'type') === 'home',
  }
}

function readSubmission(payload: unknown): ReadPart {
  const names = [textAt(payload, 'view', 'id'), textAt(payload, 'view', 'hash')]
  const modal = oneOf(MODALS, textAt(payload, 'view', 'callback_id'))
  const context = contextOf(textAt(payload, 'view', 'private_metadata') ?? '')
  if (modal === null || context === null) return { names, request: null }
  return { names, request: { kind: 'submission', modal, values: valuesOf(payload), context } }
}

function contextOf(metadata: string): ModalContext | null {
  const read = parseJson(metadata)
  if (objectAt(read) === null) return null
  return {
    incidentId: textAt(read, 'incidentId'),
    note: textAt(read, 'note'),
    language: textAt(read, 'language') === 'ko' ? 'ko' : 'en',
    place: {
      responseUrl: textAt(read, 'place', 'responseUrl'),
      channel: textAt(read, 'place', 'channel'),
      threadTs: textAt(read, 'place', 'threadTs'),
      isHome: objectAt(read, 'place')?.['isHome'] === true,
    },
  }
}

/** Every input block of ours holds one element; what was entered is named by its block. */
function valuesOf(payload: unknown): ModalValues {
  const blocks = Object.entries(objectAt(payload, 'view', 'state', 'values') ?? {})
  return Object.fromEntries(
    blocks.map(([blockId, elements]) => [blockId, enteredIn(Object.values(objectAt(elements) ?? {})[0])]),
  )
}

function enteredIn(element: unknown): string | readonly string[] | null {
  const type = textAt(element, 'type')
  if (type === 'checkboxes')
    return listAt(element, 'selected_options').flatMap((option) => textAt(option, 'value') ?? [])
  if (type === 'static_select') return textAt(element, 'selected_option', 'value')
  return cut(textAt(element, 'value'))
}

function readShortcut(payload: unknown): ReadPart {
  const names = [textAt(payload, 'action_ts'), textAt(payload, 'callback_id'), textAt(payload, 'message_ts')]
  const shortcut = oneOf(SHORTCUTS, textAt(payload, 'callback_id'))
  const channel = textAt(payload, 'channel', 'id')
  const messageTs = textAt(payload, 'message_ts') ?? textAt(payload, 'message', 'ts')
  if (shortcut === null || channel === null || messageTs === null) return { names, request: null }
  const text = plainOfMrkdwn(cut(textAt(payload, 'message', 'text')) ?? '')
  const triggerId = textAt(payload, 'trigger_id')
  return {
    names,
    request: { kind: 'shortcut', shortcut, triggerId, place: placeOf(payload), channel, messageTs, text },
  }
}

/** Reads a slash command. Null when it is none. */
export function readCommandPayload(form: Readonly<Record<string, unknown>>): ReadPayload | null {
  const userId = textAt(form, 'user_id')
  const team = textAt(form, 'team_id')
  if (userId === null || team === null || textAt(form, 'command') === null) return null
  const triggerId = textAt(form, 'trigger_id')
  const place: ReplyPlace = {
    responseUrl: textAt(form, 'response_url'),
    channel: textAt(form, 'channel_id'),
    threadTs: null,
    isHome: false,
  }
  return {
    payloadId: payloadIdOf(['command', team, userId, triggerId]),
    teamIds: [team],
    appId: textAt(form, 'api_app_id'),
    mayOmitApp: false,
    kept: {
      userId,
      request: { kind: 'command', text: withoutEntities(cut(textAt(form, 'text')) ?? ''), triggerId, place },
    },
  }
}

/** Reads an event. Most of them ask nothing of us, and are not worth a row. Null when it is none. */
export function readEvent(payload: unknown): ReadPayload | null {
  const eventId = textAt(payload, 'event_id')
  const team = textAt(payload, 'team_id')
  if (textAt(payload, 'type') !== 'event_callback' || eventId === null || team === null) return null
  return {
    payloadId: payloadIdOf(['event', team, eventId]),
    teamIds: [team, ...listAt(payload, 'authorizations').flatMap((each) => textAt(each, 'team_id') ?? [])],
    appId: textAt(payload, 'api_app_id'),
    mayOmitApp: false,
    kept: keptOfEvent(objectAt(payload, 'event')),
  }
}

function keptOfEvent(event: Readonly<Record<string, unknown>> | null): KeptRequest | null {
  const userId = textAt(event, 'user')
  if (event === null || userId === null) return null
  const type = textAt(event, 'type')
  if (type === 'app_home_opened')
    return textAt(event, 'tab') === 'messages' ? null : { userId, request: { kind: 'home-opened' } }
  const text = textAt(event, 'text')
  const threadTs = textAt(event, 'thread_ts')
  const channel = textAt(event, 'channel')
  // What programs write, and what is said outside of threads, is no word for a timeline.
  const isFromPerson = textAt(event, 'bot_id') === null && [null, 'file_share'].includes(textAt(event, 'subtype'))
  if (type !== 'message' || !isFromPerson || text === null || threadTs === null || channel === null) return null
  if (!MEMO.test(text) || threadTs === textAt(event, 'ts')) return null
  const memo = plainOfMrkdwn((cut(text) ?? '').replace(MEMO, '')).trim()
  return memo === '' ? null : { userId, request: { kind: 'memo', channel, threadTs, text: memo } }
}

function payloadIdOf(names: readonly (string | null)[]): string {
  const text = names.map((name) => name ?? '').join('/')
  return text.length > LONGEST_PAYLOAD_ID ? hash('sha256', text) : text
}

function cut(text: string | null): string | null {
  return text === null ? null : text.slice(0, LONGEST_TEXT).toWellFormed().replaceAll('\u0000', '\ufffd')
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | null {
  return known.find((each) => each === text) ?? null
}
