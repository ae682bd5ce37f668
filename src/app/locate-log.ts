import { join } from 'node:path'
import type { LogLocation } from '../intake/delivery-log/log-location.ts'
import type { Config } from './config/config-shape.ts'
import { readPem } from './read-pem.ts'

/**
 * Where the delivery log of a configuration is, as plain data that may cross threads: with passwords in the clear and
 * certificates read. Never log it. Throws in words for an operator when a certificate cannot be read.
 */
export function locateLog({ log, dataDir }: Pick<Config, 'log' | 'dataDir'>): LogLocation {
  if (log.kind === 'embedded') return { kind: 'embedded', path: join(dataDir, 'deliveries.db') }
  if (log.kind === 'database') return log
  const { user, password, token, credentials, tls, ...place } = log
  return {
    ...place,
    login: {
      user,
      password: password?.reveal() ?? null,
      token: token?.reveal() ?? null,
      credentialsFile: credentials,
    },
    tls: tls && {
      ca: readPem('nats.tls.ca', tls.ca),
      cert: readPem('nats.tls.cert', tls.cert),
      key: readPem('nats.tls.key', tls.key),
    },
  }
}
