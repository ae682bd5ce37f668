import type { Labels } from './alert-event.ts'

const OFFSET_BASIS = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
const MASK = 0xffffffffffffffffn
const SEPARATOR = 0xff

/**
 * The fingerprint that Alertmanager computes for a label set: 64-bit FNV-1a over the label names in byte
 * order, each name and value closed by 0xff, as 16 hex digits. Empty values count: Alertmanager drops such
 * labels before it computes, so the caller does too.
 * Source: prometheus/common model/signature.go `LabelSetToFingerprint`.
 */
export function fingerprintOfLabels(labels: Labels): string {
  let hash = OFFSET_BASIS
  for (const name of Object.keys(labels).sort(byCodePoint)) {
    hash = addBytes(hash, utf8Bytes(name))
    hash = addBytes(hash, utf8Bytes(labels[name] ?? ''))
  }
  return hash.toString(16).padStart(16, '0')
}

function addBytes(hash: bigint, bytes: readonly number[]): bigint {
  let sum = hash
  for (const byte of bytes) sum = ((sum ^ BigInt(byte)) * PRIME) & MASK
  return ((sum ^ BigInt(SEPARATOR)) * PRIME) & MASK
}

/** Go sorts strings by byte; for valid UTF-8 that is the order of code points, not of UTF-16 units. */
function byCodePoint(a: string, b: string): number {
  const left = Array.from(a, (char) => char.codePointAt(0) ?? 0)
  const right = Array.from(b, (char) => char.codePointAt(0) ?? 0)
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** The domain imports nothing, and TextEncoder is a host object: the four cases of UTF-8 are spelled out. */
function utf8Bytes(text: string): readonly number[] {
  const bytes: number[] = []
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0xfffd
    if (point < 0x80) bytes.push(point)
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
  }
  return bytes
}
