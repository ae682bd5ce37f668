import { readFileSync } from 'node:fs'
import { type DatabaseLocation, sqliteLocation } from '../store/database.ts'
import type { DatabaseConfig } from './config/config-shape.ts'
import { whyUnreadable } from './config/read-environment.ts'

/**
 * Where the database of a configuration is, as plain data that may cross threads: with the password in the clear and
 * certificates read. Never log it. Throws in words for an operator when a certificate cannot be read.
 */
export function locateDatabase(config: DatabaseConfig): DatabaseLocation {
  if (config.kind === 'sqlite') return sqliteLocation(config.path)
  const { mode, ca, cert, key } = config.tls
  const tls = { mode, ca: pemOf('ca', ca), cert: pemOf('cert', cert), key: pemOf('key', key) }
  return { ...config, password: config.password.reveal(), tls }
}

function pemOf(name: string, file: string | null): string | null {
  if (file === null) return null
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UnreadableCertificateError(`database.tls.${name} names ${file}, which ${whyUnreadable(error)}.`, {
      cause: error,
    })
  }
}

/** A file that the configuration names for TLS cannot be read. */
export class UnreadableCertificateError extends Error {
  override readonly name = 'UnreadableCertificateError'
}
