import { createHmac } from 'node:crypto'

/**
 * The value of `X-Nunchi-Signature`: HMAC-SHA256 over version, time and body, so that neither a body nor an old
 * message can be passed off as a new one. `timestamp` is in seconds since 1970, as `X-Nunchi-Timestamp` says it.
 */
export function signBody(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex')}`
}
