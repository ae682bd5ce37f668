/** `tls`: from the first byte. `starttls`: after a greeting, and never without. `none`: readable on the way. */
export type MailEncryption = 'tls' | 'starttls' | 'none'

interface Server {
  readonly host: string
  readonly port: number
  readonly encryption?: MailEncryption | undefined
}

const TLS_PORT = 465

/** How a mail server is spoken to where nobody said: encrypted, except to this machine, where certificates are rare. */
export function encryptionOf({ host, port, encryption }: Server): MailEncryption {
  if (encryption !== undefined) return encryption
  if (port === TLS_PORT) return 'tls'
  return isThisMachine(host) ? 'none' : 'starttls'
}

/** Whether what is sent to a host of this name stays on this machine. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host)
}
