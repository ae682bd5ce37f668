import { readFileSync } from 'node:fs'
import { whyUnreadable } from './config/read-environment.ts'

/** Reads a file that a setting names for TLS; null where none is named. Throws UnreadableCertificateError. */
export function readPem(setting: string, file: string | null): string | null {
  if (file === null) return null
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UnreadableCertificateError(`${setting} names ${file}, which ${whyUnreadable(error)}.`, { cause: error })
  }
}

/** A file that the configuration names for TLS cannot be read. */
export class UnreadableCertificateError extends Error {
  override readonly name = 'UnreadableCertificateError'
}
