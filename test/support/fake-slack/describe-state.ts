import type { SlackCall } from './call-log.ts'
import type { Channel } from './channel.ts'
import type { FaultRule } from './faults.ts'
import type { PersonError } from './interaction/delivery.ts'
import type { SlackMessage } from './workspace.ts'

const CALLS_SHOWN = 20
const MESSAGES_SHOWN = 30

/** What `describeState` tells about. */
export interface DescribedState {
  readonly channels: readonly Channel[]
  readonly calls: readonly SlackCall[]
  readonly faults: readonly FaultRule[]
  readonly errors: readonly PersonError[]
}

/** The fake Slack in words, for the message of a test that waited in vain. */
export function describeState(state: DescribedState): string {
  const recent = state.calls.slice(-CALLS_SHOWN)
  return [
    ...state.channels.flatMap(describeChannel),
    `last ${recent.length} of ${state.calls.length} requests:`,
    ...recent.map(describeCall),
    ...(state.faults.length === 0
      ? []
      : ['planned faults:', ...state.faults.map((rule) => `  ${JSON.stringify(rule)}`)]),
    ...(state.errors.length === 0 ? [] : ['people saw:', ...state.errors.map(describeError)]),
  ].join('\n')
}

function describeChannel(channel: Channel): readonly string[] {
  const flags = [channel.isArchived ? ', archived' : '', channel.isMember ? '' : ', bot is not a member'].join('')
  const shown = channel.messages.slice(-MESSAGES_SHOWN)
  const head = `channel ${channel.id} (${channel.messages.length} messages${flags}):`
  return [head, ...shown.map(describeMessage)]
}

function describeMessage(message: SlackMessage): string {
  const indent = message.threadTs === undefined ? '  ' : `    ↳ ${message.threadTs} `
  const edits = message.edits.length === 0 ? '' : ` (edited ${message.edits.length}×)`
  const deleted = message.deletedAt === undefined ? '' : ' (deleted)'
  const payload =
    message.content.metadata === undefined ? '' : ` ${JSON.stringify(message.content.metadata.event_payload)}`
  return `${indent}${message.ts}${edits}${deleted} ${firstText(message)}${payload}`
}

function describeCall(call: SlackCall): string {
  const { outcome } = call
  const time = new Date(call.at).toISOString().slice(11, 23)
  const result =
    outcome === undefined
      ? 'not answered yet'
      : [outcome.status ?? 'no answer', outcome.error, outcome.ts].filter(Boolean).join(' ')
  const fault = outcome?.fault === undefined ? '' : ` [${outcome.fault}]`
  return `  #${call.number} ${time} ${call.method} ${call.channel ?? ''} → ${result}${fault}`
}

function describeError({ userId, kind, reason, delivery }: PersonError): string {
  return `  ${userId} after delivery #${delivery} (${kind}): ${reason}`
}

function firstText(message: SlackMessage): string {
  const text = message.content.text ?? JSON.stringify(message.content.blocks ?? message.content.attachments ?? '')
  const [line = ''] = text.split('\n')
  return line.length > 100 ? `${line.slice(0, 100)}…` : line
}
