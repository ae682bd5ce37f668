/** Senders write it behind the alerts, with a few small members after it. */
const TAIL_BYTES = 64 * 1024
const MOST_KEY_BYTES = 1024
const MEMBER = '"groupKey"'

/**
 * The `groupKey` of a webhook as it is written, or its beginning; null where there is none near the end. Not parsed: what a label
 * of that name can bring about is that deliveries are folded one after another that need not be, or the reverse.
 */
export function findGroupKey(bytes: Uint8Array): string | null {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tail = body.subarray(Math.max(0, body.length - TAIL_BYTES))
  const at = tail.lastIndexOf(MEMBER)
  if (at < 0) return null
  const text = tail.toString('latin1', at + MEMBER.length, at + MEMBER.length + MOST_KEY_BYTES)
  return /^\s*:\s*"((?:[^"\\]|\\.)+)/.exec(text)?.[1] ?? null
}
