import { type ApiAnswer, type ApiCall, refuse } from './api-method.ts'
import { type MessageContent, refusalOf } from './block-rules.ts'
import type { StoredContent } from './workspace.ts'

/** Names of the arguments that say what a message shows. */
export const CONTENT_ARGUMENTS = 'text blocks attachments metadata markdown_text'

const CONTENT_KEYS = ['text', 'blocks', 'attachments', 'metadata', 'markdown_text', 'parse', 'link_names'] as const
const FORMAT_ERRORS: Readonly<Record<string, string>> = {
  blocks: 'invalid_blocks_format',
  attachments: 'invalid_attachments',
  metadata: 'invalid_metadata_format',
}

/** The part of the arguments that becomes the message. */
export function contentOf(args: Readonly<Record<string, unknown>>): StoredContent {
  const given = CONTENT_KEYS.filter((key) => args[key] !== undefined)
  return Object.fromEntries(given.map((key) => [key, args[key]])) as StoredContent
}

/** Content after an update: what the update does not mention stays, an empty list or object takes away. */
export function mergeContent(before: StoredContent, update: StoredContent): StoredContent {
  // How text is parsed is the one thing that an update forgets.
  const { parse: _parse, link_names: _linkNames, ...kept } = before
  const merged = Object.entries({ ...kept, ...update })
  return Object.fromEntries(merged.filter(([key, value]) => key === 'text' || !isEmpty(value))) as StoredContent
}

/** The refusal of what a call wants to show, or undefined. */
export function refusalOfContent(call: ApiCall, use: 'post' | 'update'): ApiAnswer | undefined {
  const [malformed] = call.malformed
  if (malformed !== undefined) return refuse(FORMAT_ERRORS[malformed] ?? 'invalid_arguments')
  if (call.args['metadata'] !== undefined && call.token.kind !== 'bot') return refuse('metadata_must_be_sent_from_app')
  const refusal = refusalOf(call.args as MessageContent, use)
  return refusal === undefined ? undefined : refuse(refusal.error, refusal.problems)
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
