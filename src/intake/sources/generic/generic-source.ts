import { checkJsonDepth, type JsonScan, scanJson } from '../../json-scan.ts'
import type { ElementRanges } from '../../json-scan-ranges.ts'
import { parseRest } from '../../json-scan-values.ts'
import { isSnsMessage, SNS_ADVICE } from '../foreign-body.ts'
import { deliveryOfAlerts, unreadableJson } from '../slice-alerts.ts'
import type { DeliveryBody, ReadableDelivery, SourceAdapter, Unreadable } from '../source-adapter.ts'
import { formOfBody, jsonOfForm, jsonOfText } from './body-form.ts'
import { genericAlertReader } from './generic-alert.ts'
import type { GenericSettings } from './settings-schema.ts'
import { readValuePath } from './value-path.ts'

const OPEN_OBJECT = 0x7b

/**
 * Reads whatever can be told as an alert: a JSON object, a list of them, a form, a plain text. Where the parts of an
 * alert lie is configured, or looked for under their usual names. Alerts with one key belong to one incident.
 */
export const genericSource: SourceAdapter<GenericSettings> = {
  kind: 'generic',
  correlationDefaults: ['key'],
  open: openGeneric,
}

function openGeneric(body: DeliveryBody, settings: GenericSettings): ReadableDelivery | Unreadable {
  const { bytes, contentType } = body
  const form = formOfBody(bytes, contentType)
  if (form === 'form') {
    const json = jsonOfForm(bytes)
    return json === null
      ? unreadable('The form is larger than 1 MiB: send JSON instead.')
      : openJson({ ...body, bytes: json }, settings)
  }
  if (form === 'json') return openJson(body, settings)
  if (form === 'unknown' && scanJson(bytes).ok) return openJson(body, settings)
  return openText(body, settings)
}

function openText(body: DeliveryBody, settings: GenericSettings): ReadableDelivery | Unreadable {
  const depth = checkJsonDepth(body.bytes)
  if (!depth.ok) return unreadableJson(depth)
  const json = jsonOfText(body.bytes)
  if (json === null) return unreadable('The body is empty: send a JSON object with at least a title.')
  // The configured paths are those of the sender's JSON; a text has none of them.
  return openJson({ ...body, bytes: json }, { resolvedValues: settings.resolvedValues })
}

function openJson({ bytes, receivedAt }: DeliveryBody, settings: GenericSettings): ReadableDelivery | Unreadable {
  const names =
    settings.alerts === undefined ? ['alerts'] : ((readValuePath(settings.alerts) ?? []) as readonly string[])
  const scan = scanJson(bytes, { member: names[0] as string })
  if (!scan.ok) return unreadableJson(scan)
  if (scan.root === 'scalar')
    return unreadable(
      'The body is a single JSON value: send an object with at least a title, or a list of such objects.',
    )
  const refusal = refuseSns(bytes, scan)
  if (refusal) return refusal
  const found = settings.alerts === undefined ? alertsWithoutPath(bytes, scan) : alertsAtPath(bytes, scan, names)
  if (found === null)
    return unreadable(
      `Nothing that could be an alert lies at "${settings.alerts}", the configured path of the alerts: correct the path, or send a list or an object there.`,
    )
  return deliveryOfAlerts({ bytes, receivedAt, ...found, remarks: [], read: genericAlertReader(settings) })
}

interface FoundAlerts {
  readonly ranges: ElementRanges
  readonly nameOf: (index: number) => string
}

function alertsWithoutPath(bytes: Uint8Array, scan: JsonScan): FoundAlerts {
  const { elements } = scan
  if (elements !== null && scan.root === 'array') return { ranges: elements, nameOf: (index) => `[${index}]` }
  const isList =
    elements !== null && (elements.starts.length === 0 || bytes[elements.starts[0] as number] === OPEN_OBJECT)
  return isList
    ? { ranges: elements, nameOf: (index) => `alerts[${index}]` }
    : { ranges: oneRange(scan.start, scan.end), nameOf: () => '' }
}

function alertsAtPath(bytes: Uint8Array, rootScan: JsonScan, names: readonly string[]): FoundAlerts | null {
  let scan = rootScan
  for (let i = 1; i < names.length; i++) {
    const range = scan.members.get(names[i - 1] as string)
    if (!range) return null
    const inner = scanJson(bytes, { member: names[i] as string, from: range[0], to: range[1] })
    if (!inner.ok || inner.root !== 'object') return null
    scan = inner
  }
  const path = names.join('.')
  if (scan.root === 'object' && scan.elements !== null)
    return { ranges: scan.elements, nameOf: (index) => `${path}[${index}]` }
  const range = scan.members.get(names.at(-1) as string)
  return range && bytes[range[0]] === OPEN_OBJECT ? { ranges: oneRange(range[0], range[1]), nameOf: () => path } : null
}

function oneRange(start: number, end: number): ElementRanges {
  return { starts: Uint32Array.of(start), ends: Uint32Array.of(end) }
}

/** A subscription must be confirmed and a signature checked: an SNS message read as an alert would hide both. */
function refuseSns(bytes: Uint8Array, scan: JsonScan): Unreadable | null {
  if (
    scan.root !== 'object' ||
    !(scan.members.has('TopicArn') || scan.members.has('Records') || scan.members.has('SubscribeURL'))
  )
    return null
  const parsed = parseRest(bytes, scan, 'alerts')
  return parsed.ok && isSnsMessage(parsed.rest) ? unreadable(SNS_ADVICE) : null
}

function unreadable(reason: string): Unreadable {
  return { ok: false, reason }
}
