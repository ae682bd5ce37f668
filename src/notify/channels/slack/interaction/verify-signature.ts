import { createHmac, timingSafeEqual } from 'node:crypto'

/** What of a request proves that it comes from Slack. `body` is exactly what arrived. */
export interface SignedRequest {
  readonly timestamp: string | undefined
  readonly signature: string | undefined
  readonly body: Uint8Array
}

/** An older request may be a replay, a younger one comes from a clock that cannot be trusted. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000

/**
 * Whether a request was signed with the secret within five minutes of `now`, in both directions. Compares in a time
 * that does not depend on where two signatures differ. Never throws; an empty secret signs nothing.
 */
export function isSignedWith(secret: string, { timestamp, signature, body }: SignedRequest, now: number): boolean {
  if (secret === '' || timestamp === undefined || signature === undefined) return false
  if (!/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) return false
  if (Math.abs(now - Number(timestamp) * 1_000) > SIGNATURE_WINDOW_MS) return false
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(secret, timestamp, body)))
}

/** The signature that Slack sends for a body. */
export function signatureOf(secret: string, timestamp: string, body: Uint8Array): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`
}
