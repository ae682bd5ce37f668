import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32
const KEY_PATTERN = /^nunchi_([0-9A-Z]{26})_([A-Za-z0-9_-]{43})$/

/** The two halves of a presented key: which row it names, and the proof. */
export interface PresentedKey {
  readonly id: string
  readonly secretHash: Buffer
}

/** Makes the secret of a new key: the text that its owner keeps, and the hash that we keep. */
export function createKeySecret(id: string): { readonly text: string; readonly secretHash: string } {
  const secret = randomBytes(SECRET_BYTES)
  return { text: `nunchi_${id}_${secret.toString('base64url')}`, secretHash: sha256(secret).toString('hex') }
}

/** Reads `nunchi_<id>_<secret>`; null when it does not have that form. */
export function readPresentedKey(text: string): PresentedKey | null {
  const match = KEY_PATTERN.exec(text)
  if (!match) return null
  const secret = Buffer.from(match[2] as string, 'base64url')
  return secret.length === SECRET_BYTES ? { id: match[1] as string, secretHash: sha256(secret) } : null
}

/** What is kept of a token that somebody else made up, such as a key in the configuration. */
export function hashOfToken(token: string): Buffer {
  return sha256(Buffer.from(token, 'utf8'))
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function isSameHash(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

// Secrets are 256 random bits, not passwords: nobody can search them, so a fast hash is enough.
function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
