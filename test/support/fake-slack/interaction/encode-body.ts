import type { JsonObject } from '../schema-checks.ts'
import type { DeliveryKind } from './delivery.ts'

/** A body and the content type that says how to read it. */
export interface EncodedBody {
  readonly type: string
  readonly body: string
}

const FORM = 'application/x-www-form-urlencoded'
const FORM_KINDS: readonly DeliveryKind[] = ['command', 'ssl_check']
const JSON_KINDS: readonly DeliveryKind[] = ['event', 'url_verification']

/** Writes a payload as Slack does: commands as a form, events as JSON, everything else as JSON inside a form. */
export function encodeBody(kind: DeliveryKind, payload: JsonObject): EncodedBody {
  if (JSON_KINDS.includes(kind)) return { type: 'application/json', body: JSON.stringify(payload) }
  const flat = Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)])
  const fields: [string, string][] = FORM_KINDS.includes(kind) ? flat : [['payload', JSON.stringify(payload)]]
  return { type: FORM, body: new URLSearchParams(fields).toString() }
}
