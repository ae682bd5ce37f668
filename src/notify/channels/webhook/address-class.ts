import { BlockList, isIPv4 } from 'node:net'

/**
 * Who answers at an address. `private`: this machine or this network, reached only where that is allowed. `never`: no
 * receiver of messages lives there, and a cloud hands out its credentials at one of them (169.254.169.254).
 */
export type AddressClass = 'public' | 'private' | 'never'

const PRIVATE_IPV4 = listOf('ipv4', ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'])
const NEVER_IPV4 = listOf('ipv4', [
  '0.0.0.0/8',
  // Some clouds keep their metadata inside of the shared range.
  '100.100.100.200/32',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
const PRIVATE_IPV6 = listOf('ipv6', ['::1/128', 'fc00::/7'])
/** AWS answers here with what it answers at 169.254.169.254, inside of a range that is private otherwise. */
const NEVER_IPV6 = listOf('ipv6', ['fd00:ec2::254/128'])
/** Global unicast. Everything else is reserved, or reaches no further than the link. */
const GLOBAL_IPV6 = listOf('ipv6', ['2000::/3'])
/** Tunnels whose far end the address only hints at, and addresses for documents. */
const STRANGE_IPV6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])
/** Forms of IPv6 that carry an IPv4 address in their last 32 bits: mapped, translated, NAT64. */
const CARRIES_IPV4 = listOf('ipv6', ['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96'])

/** Sorts an address as a resolver or a socket writes it. What cannot be read is `never`. */
export function classOfAddress(address: string): AddressClass {
  if (isIPv4(address)) return classOfIPv4(address)
  const plain = plainIPv6(address)
  if (plain === null || NEVER_IPV6.check(plain, 'ipv6')) return 'never'
  // Asked first: a check of an IPv6 list would look at the IPv4 address behind a mapped one.
  if (CARRIES_IPV4.check(plain, 'ipv6')) return classOfIPv4(lastFourBytes(plain))
  if (PRIVATE_IPV6.check(plain, 'ipv6')) return 'private'
  return GLOBAL_IPV6.check(plain, 'ipv6') && !STRANGE_IPV6.check(plain, 'ipv6') ? 'public' : 'never'
}

function classOfIPv4(address: string): AddressClass {
  if (NEVER_IPV4.check(address, 'ipv4')) return 'never'
  return PRIVATE_IPV4.check(address, 'ipv4') ? 'private' : 'public'
}

/** In the one form that URL writes: `::ffff:127.0.0.1` becomes `::ffff:7f00:1`. An address with a zone has none. */
function plainIPv6(address: string): string | null {
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? null
}

function lastFourBytes(plain: string): string {
  const groups = plain.split(':').slice(-2)
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function listOf(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [network = '', bits] = subnet.split('/')
    list.addSubnet(network, Number(bits), family)
  }
  return list
}
