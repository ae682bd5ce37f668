import type { LookupAddress } from 'node:dns'
import { lookup as lookupHost } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { classOfAddress } from './address-class.ts'

/** Finds every address of a host name. Throws as `dns.lookup` does. */
export type LookupAll = (hostname: string) => Promise<readonly LookupAddress[]>

/** Asks what the system asks: its hosts file, then DNS. */
export const lookupAll: LookupAll = async (hostname) => await lookupHost(hostname, { all: true })

/** What addresses a message may be sent to. */
export interface AddressPolicy {
  readonly allowPrivateAddresses: boolean
  readonly allowUnencrypted: boolean
}

export type ResolvedReceiver =
  | { readonly kind: 'allowed'; readonly addresses: readonly LookupAddress[] }
  | { readonly kind: 'refused'; readonly detail: string }

/**
 * The addresses that a message to `url` may be sent to. Who connects must connect to one of these and never look the
 * name up again: its owner could answer differently the second time. Throws when the name cannot be looked up.
 */
export async function resolveReceiver(url: URL, policy: AddressPolicy, lookup: LookupAll): Promise<ResolvedReceiver> {
  // URL has turned `0x7f.1`, `2130706433` and `[::ffff:127.0.0.1]` into their plain form already.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(host)
  const found = family === 0 ? await lookup(host) : [{ address: host, family }]
  const addresses = found.filter(({ address }) => mayReceive(address, url.protocol === 'https:', policy))
  return addresses.length > 0 ? { kind: 'allowed', addresses } : { kind: 'refused', detail: remedyFor(found, policy) }
}

/** Connects to what was checked and to nothing else: the name is not looked up again. */
export function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, [...addresses])
    else if (first) callback(null, first.address, first.family)
  }
}

/** The name of what went wrong on the network. The message behind it holds the host, which may be a part of a secret. */
export function codeOfFault(error: unknown): string {
  const several = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const code = several instanceof Error && 'code' in several ? several.code : undefined
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'no details'
}

function mayReceive(address: string, isEncrypted: boolean, policy: AddressPolicy): boolean {
  const place = classOfAddress(address)
  if (place === 'never' || (place === 'private' && !policy.allowPrivateAddresses)) return false
  return isEncrypted || place === 'private' || policy.allowUnencrypted
}

function remedyFor(found: readonly LookupAddress[], policy: AddressPolicy): string {
  const classes = new Set(found.map(({ address }) => classOfAddress(address)))
  if (classes.has('private') && !policy.allowPrivateAddresses)
    return 'Its address belongs to this machine or a private network, and nothing is sent there by default; set `allowPrivateAddresses: true` if it is yours'
  if (classes.has('public'))
    return 'Its address is a public one and the URL begins with http://; use https://, or set `allowUnencrypted: true`'
  return 'Its address is one that no receiver has (link-local, metadata of a cloud, reserved); use the address of the receiver itself'
}
