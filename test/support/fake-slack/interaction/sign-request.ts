import { createHmac } from 'node:crypto'
import { isObject, type JsonObject } from '../schema-checks.ts'

/** What a test does wrong on purpose with a delivery over HTTP. */
export interface Tampering {
  /** Moves the signed timestamp: -360_000 is a replay six minutes late. */
  readonly shiftMs?: number
  /** Signs with another secret. */
  readonly secret?: string
  /** Sent instead of a signature. */
  readonly signature?: string
  /** Instead of `v0`. */
  readonly version?: string
  /** Neither signature nor timestamp. */
  readonly isUnsigned?: boolean
  /** Writes the body in another way after it was signed: the same meaning, other bytes. */
  readonly isReEncoded?: boolean
  /** The delivery says that it comes from another workspace, or is for another app. */
  readonly teamId?: string
  readonly appId?: string
}

/** A request as its bytes go out, so that it can be sent again. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Signs a body as Slack does: `v0=` and the HMAC-SHA256 of `v0:seconds:body`. */
export function signRequest(
  body: string,
  key: { readonly secret: string; readonly nowMs: number },
  tampering: Tampering = {},
): SignedRequest {
  const { shiftMs = 0, secret = key.secret, version = 'v0', isUnsigned = false, isReEncoded = false } = tampering
  const seconds = String(Math.floor((key.nowMs + shiftMs) / 1000))
  const digest = createHmac('sha256', secret).update(`${version}:${seconds}:${body}`).digest('hex')
  const signature = tampering.signature ?? `${version}=${digest}`
  const headers = { 'x-slack-request-timestamp': seconds, 'x-slack-signature': signature }
  return { headers: isUnsigned ? {} : headers, body: isReEncoded ? reEncode(body) : body }
}

function reEncode(body: string): string {
  return body.startsWith('{') ? JSON.stringify(JSON.parse(body), undefined, 1) : body.replaceAll('+', '%20').concat('&')
}

/** The payload, as if it came from the workspace or were for the app that a test wants. */
export function withOtherIds(payload: JsonObject, { teamId, appId }: Tampering): JsonObject {
  const team = payload['team']
  return {
    ...payload,
    ...(teamId !== undefined && 'team_id' in payload ? { team_id: teamId } : {}),
    ...(teamId !== undefined && isObject(team) ? { team: { ...team, id: teamId } } : {}),
    ...(appId !== undefined && 'api_app_id' in payload ? { api_app_id: appId } : {}),
  }
}
