import type { ServerLocation } from './server-location.ts'

export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly rejectUnauthorized: boolean
}

/** TLS as Node's sockets take it; null = none. Whether the name in the certificate counts is up to the driver's own option. */
export function tlsOptions({ tls }: ServerLocation): TlsOptions | null {
  if (tls.mode === 'off') return null
  return {
    ...(tls.ca !== null && { ca: tls.ca }),
    ...(tls.cert !== null && { cert: tls.cert }),
    ...(tls.key !== null && { key: tls.key }),
    rejectUnauthorized: tls.mode === 'verify-ca' || tls.mode === 'verify-full',
  }
}

/** The same place without TLS, where TLS was only preferred and the server offers none; null where TLS is a must. */
export function withoutTls(location: ServerLocation): ServerLocation | null {
  return location.tls.mode === 'prefer' ? { ...location, tls: { ...location.tls, mode: 'off' } } : null
}
