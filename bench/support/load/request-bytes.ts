import { makeAlert, makeWebhookBody, type WebhookAlert } from '../../../test/support/generate-alerts.ts'
import type { AlertStream } from './load-spec.ts'

// Places of fixed width in the text of a request, filled with numbers before each send: making JSON anew for every
// request would cost the generator more than the servers that it measures.
const NUMBER_WIDTH = 8
const FINGERPRINT_WIDTH = 16
const GROUP = '~group~~'
const numberPlace = (index: number): string => `@${String(index).padStart(NUMBER_WIDTH - 2, '0')}@`
const fingerprintPlace = (index: number): string => `#${String(index).padStart(FINGERPRINT_WIDTH - 2, '0')}#`

/** One request's bytes, rewritten in place for each number. Do not send it again before the last send has been answered. */
export interface RequestBytes {
  readonly bytes: Buffer
  /** Fills in the alerts of the request with this number. */
  readonly fill: (request: number) => void
}

/** Makes the text of requests; each connection needs one of its own. */
export function createRequestBytes(path: string, port: number, stream: AlertStream): RequestBytes {
  const body = Buffer.from(bodyText(stream), 'latin1')
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const bytes = Buffer.concat([Buffer.from(head), body])
  const text = bytes.toString('latin1')
  const numbers = placesOf(text, /@(\d{6})@/g)
  const fingerprints = placesOf(text, /#(\d{14})#/g)
  const groups = [...text.matchAll(/~group~~/g)].map((match) => match.index)
  const fill = (request: number): void => {
    const first = (stream.first ?? 0) + ((request * stream.alertsPerRequest) % stream.distinct)
    for (const { at, alert } of numbers) writeDecimal(bytes, at, first + alert)
    for (const { at, alert } of fingerprints) writeFingerprint(bytes, at, first + alert)
    const group = Math.floor(first / stream.alertsPerRequest) % stream.groups
    for (const at of groups) writeDecimal(bytes, at, group)
  }
  return { bytes, fill }
}

/** The body of one request, about 600 bytes per alert as Prometheus rules in the field give. */
function bodyText(stream: AlertStream): string {
  const alerts = Array.from({ length: stream.alertsPerRequest }, (_, index) => alertOf(index, stream))
  if (stream.form === 'webhook')
    return JSON.stringify(makeWebhookBody(alerts, { groupLabels: { alertname: `Rule${GROUP}` } }))
  return JSON.stringify(
    alerts.map(({ labels, annotations, startsAt, generatorURL }) => ({ labels, annotations, startsAt, generatorURL })),
  )
}

function alertOf(index: number, { status, startsAt }: AlertStream): WebhookAlert {
  const instance = `node-${numberPlace(index)}.zone-b.example.com:9100`
  const labels = {
    alertname: `Rule${GROUP}`,
    severity: 'warning',
    service: 'checkout',
    cluster: 'cluster-1',
    namespace: 'namespace-7',
    instance,
    job: 'node-exporter',
  }
  const annotations = {
    summary: `Rule${GROUP} on ${instance}`,
    description: `The probe of ${instance} fails; checkout may be down.`,
    runbook_url: `https://runbooks.example.com/rule${GROUP}`,
  }
  const end = status === 'resolved' ? { endsAt: new Date(startsAt + 60_000) } : {}
  return {
    ...makeAlert({ labels, annotations, startsAt: new Date(startsAt), ...end }),
    fingerprint: fingerprintPlace(index),
  }
}

interface Place {
  readonly at: number
  /** Which alert of the request. */
  readonly alert: number
}

function placesOf(text: string, pattern: RegExp): readonly Place[] {
  return [...text.matchAll(pattern)].map((match) => ({ at: match.index, alert: Number(match[1]) }))
}

function writeDecimal(bytes: Buffer, at: number, value: number): void {
  let rest = value
  for (let place = at + NUMBER_WIDTH - 1; place >= at; place -= 1) {
    bytes[place] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

const HEX = Buffer.from('0123456789abcdef')

/** Spread over all values like real fingerprints, since ordered ones would make every index look faster than it is. */
function writeFingerprint(bytes: Buffer, at: number, value: number): void {
  for (const [half, salt] of [0x9e3779b9, 0x85ebca6b].entries()) {
    let mixed = Math.imul((value + salt) ^ ((value + salt) >>> 16), 0x7feb352d)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
    mixed ^= mixed >>> 16
    for (let digit = 0; digit < 8; digit += 1)
      bytes[at + half * 8 + digit] = HEX[(mixed >>> (digit * 4)) & 15] as number
  }
}
