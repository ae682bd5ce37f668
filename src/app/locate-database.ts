import { type DatabaseLocation, sqliteLocation } from '../store/database.ts'
import type { DatabaseConfig } from './config/config-shape.ts'
import { readPem } from './read-pem.ts'

/**
 * Where the database of a configuration is, as plain data that may cross threads: with the password in the clear and
 * certificates read. Never log it. Throws in words for an operator when a certificate cannot be read.
 */
export function locateDatabase(config: DatabaseConfig): DatabaseLocation {
  if (config.kind === 'sqlite') return sqliteLocation(config.path)
  const { mode, ca, cert, key } = config.tls
  const tls = {
    mode,
    ca: readPem('database.tls.ca', ca),
    cert: readPem('database.tls.cert', cert),
    key: readPem('database.tls.key', key),
  }
  return { ...config, password: config.password.reveal(), tls }
}
