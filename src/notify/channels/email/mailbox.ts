import { domainToASCII } from 'node:url'

/** A sender or recipient: what people read, and where mail goes. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

// No quoted local parts and no comments: nobody has them, and they are how headers are forged.
const ADDRESS =
  /^[^\s@<>()[\],;:"\\\p{Cc}]{1,64}@(?:[^\s@<>()[\],;:"\\\p{Cc}.]{1,63}\.)*[^\s@<>()[\],;:"\\\p{Cc}.]{1,63}$/u
const WITH_NAME = /^"?([^"<>\p{Cc}]*?)"?\s*<([^<>]+)>$/u

/** Reads `alerts@example.com` or `Nunchi <alerts@example.com>`; null when it is neither. */
export function readMailbox(text: string): Mailbox | null {
  const [, name = '', address = text.trim()] = WITH_NAME.exec(text.trim()) ?? []
  return ADDRESS.test(address) ? { name: name.trim(), address } : null
}

/** What stands behind the @, in the letters that every mail server knows. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return domainToASCII(domain) || 'localhost'
}
