import { isIPv4 } from 'node:net'

/** Whether only programs of this machine can reach a host of this name. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  if (plain === 'localhost' || plain === '::1') return true
  const ipv4 = plain.replace(/^::ffff:/, '')
  return isIPv4(ipv4) && ipv4.startsWith('127.')
}
