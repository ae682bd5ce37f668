import { expect, test } from 'vitest'
import { type AddressClass, classOfAddress } from './address-class.ts'

const cases: readonly [address: string, expected: AddressClass, why: string][] = [
  ['93.184.215.14', 'public', 'an address of the internet'],
  ['172.32.0.1', 'public', 'just behind 172.16.0.0/12'],
  ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'public', 'an IPv6 address of the internet'],
  ['::ffff:93.184.215.14', 'public', 'the same as its IPv4 address'],
  ['64:ff9b::5db8:d70e', 'public', 'how an IPv6 network reaches an IPv4 address'],
  ['127.0.0.1', 'private', 'this machine'],
  ['127.9.9.9', 'private', 'this machine as well'],
  ['10.1.2.3', 'private', 'this network'],
  ['172.16.0.1', 'private', 'this network'],
  ['192.168.1.1', 'private', 'this network'],
  ['100.64.0.1', 'private', 'a network of the provider'],
  ['::1', 'private', 'this machine'],
  ['fd12:3456::1', 'private', 'this network'],
  ['::ffff:127.0.0.1', 'private', 'IPv4-mapped'],
  ['::ffff:7f00:1', 'private', 'IPv4-mapped, in hex'],
  ['0:0:0:0:0:ffff:127.0.0.1', 'private', 'IPv4-mapped, written out'],
  ['64:ff9b::127.0.0.1', 'private', 'through NAT64'],
  ['::ffff:0:127.0.0.1', 'private', 'IPv4-translated'],
  ['169.254.169.254', 'never', 'the credentials of a cloud machine'],
  ['::ffff:169.254.169.254', 'never', 'the same, IPv4-mapped'],
  ['64:ff9b::a9fe:a9fe', 'never', 'the same, through NAT64'],
  ['fd00:ec2::254', 'never', 'the same, in IPv6'],
  ['100.100.100.200', 'never', 'the same, of another cloud'],
  ['169.254.1.1', 'never', 'link-local'],
  ['fe80::1', 'never', 'link-local'],
  ['fe80::1%eth0', 'never', 'link-local with a zone'],
  ['0.0.0.0', 'never', 'means this machine on Linux'],
  ['0.1.2.3', 'never', 'this network of old'],
  ['::', 'never', 'means this machine on Linux'],
  ['::127.0.0.1', 'never', 'IPv4-compatible, given up long ago'],
  ['64:ff9b:1::7f00:1', 'never', 'a NAT64 of somebody’s own'],
  ['2002:7f00:1::', 'never', 'a tunnel to 127.0.0.1'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never', 'Teredo'],
  ['224.0.0.1', 'never', 'many at once'],
  ['255.255.255.255', 'never', 'everybody'],
  ['240.0.0.1', 'never', 'reserved'],
  ['ff02::1', 'never', 'many at once'],
  ['192.0.2.1', 'never', 'for documents'],
  ['2001:db8::1', 'never', 'for documents'],
  ['localhost', 'never', 'no address'],
  ['', 'never', 'no address'],
  ['0x7f.1', 'never', 'no address as a resolver writes it'],
]
for (const [address, expected, why] of cases) {
  test(`${address} is ${expected} (${why})`, () => {
    expect(classOfAddress(address)).toBe(expected)
  })
}
