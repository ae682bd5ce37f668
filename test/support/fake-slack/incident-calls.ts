import type { SlackCall } from './call-log.ts'
import type { Channel } from './channel.ts'
import { isObject } from './schema-checks.ts'
import type { SlackMessage, StoredContent } from './workspace.ts'

const TARGETS = ['ts', 'thread_ts', 'message_ts'] as const

/** The calls that carry an incident's metadata, or are about a message of its thread. */
export function callsOfIncident(
  channels: readonly Channel[],
  calls: readonly SlackCall[],
  incidentId: string,
): readonly SlackCall[] {
  const own = new Set(channels.flatMap((channel) => messagesOf(channel, incidentId)).map(({ ts }) => ts))
  return calls.filter((call) => {
    const isAboutIt = TARGETS.some((key) => own.has(String(call.args[key])))
    const { ts } = call.outcome ?? {}
    return isAboutIt || (ts !== undefined && own.has(ts)) || incidentIn(call.args['metadata']) === incidentId
  })
}

// A message belongs to an incident when any of its versions says so, or when its root does.
function messagesOf(channel: Channel, incidentId: string): readonly SlackMessage[] {
  const says = (content: StoredContent) => incidentIn(content.metadata) === incidentId
  const named = channel.messages.filter((one) => says(one.content) || one.edits.some((edit) => says(edit.content)))
  const roots = new Set(named.map((message) => message.threadTs ?? message.ts))
  return channel.messages.filter((message) => roots.has(message.threadTs ?? message.ts))
}

function incidentIn(metadata: unknown): unknown {
  const payload = isObject(metadata) ? metadata['event_payload'] : undefined
  return isObject(payload) ? payload['incident_id'] : undefined
}
