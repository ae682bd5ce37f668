import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLink, readLinkBase } from './read-link.ts'

const BASE = 'https://grafana.example.org/sub/'

const links: readonly [value: unknown, base: string | undefined, link: string | undefined, why: string][] = [
  ['https://a.example.org/x?y=1#z', undefined, 'https://a.example.org/x?y=1#z', 'stays as it was written'],
  [
    'http://prometheus:9090/graph?g0.expr=sum(rate(x[5m]))',
    undefined,
    'http://prometheus:9090/graph?g0.expr=sum(rate(x[5m]))',
    'a host without dots, an expression',
  ],
  ['HTTPS://A.example.org', undefined, 'HTTPS://A.example.org', 'the scheme in capitals'],
  ['http://10.0.0.1:9090/x', undefined, 'http://10.0.0.1:9090/x', 'an address'],
  ['http://[::1]:9090/x', undefined, 'http://[::1]:9090/x', 'an IPv6 address'],
  [
    'https://wiki.example.org/a b/{c}',
    undefined,
    'https://wiki.example.org/a%20b/%7Bc%7D',
    'what must be escaped is escaped',
  ],
  [
    'https://위키.example.org/문서',
    undefined,
    'https://xn--9q5b29o.example.org/%EB%AC%B8%EC%84%9C',
    'letters beyond ASCII become inert',
  ],
  [
    'https://a.example.org/\u202egpj.exe',
    undefined,
    'https://a.example.org/%E2%80%AEgpj.exe',
    'text direction cannot be turned',
  ],
  ['?orgId=1', BASE, 'https://grafana.example.org/sub/?orgId=1', 'relative to the sender'],
  ['/d/x', BASE, 'https://grafana.example.org/d/x', 'relative to the root of the sender'],
  ['/d/x', undefined, undefined, 'relative to nothing'],
  ['javascript:alert(1)', BASE, undefined, 'runs code'],
  [' JavaScript:alert(1)', BASE, undefined, 'runs code, disguised'],
  ['java\nscript:alert(1)', BASE, undefined, 'runs code, broken in two'],
  ['data:text/html,x', BASE, undefined, 'is the page itself'],
  ['mailto:a@example.org', BASE, undefined, 'is no page'],
  ['ftp://a.example.org/x', BASE, undefined, 'is no page'],
  ['https://user@a.example.org/', BASE, undefined, 'a user can pose as the host'],
  ['https://a.example.org:pw@evil.example.org/', BASE, undefined, 'a user can pose as the host'],
  ['https://', BASE, undefined, 'no host'],
  ['http://a:99999/', BASE, undefined, 'no such port'],
  ['http://999.999.999.999/', BASE, undefined, 'no such address'],
  [`https://a.example.org/${'x'.repeat(9000)}`, BASE, undefined, 'longer than anybody needs'],
  ['', BASE, undefined, 'empty'],
  [5, BASE, undefined, 'no text'],
]

for (const [value, base, link, why] of links) {
  test(`${String(value).slice(0, 60)} → ${link} (${why})`, () => {
    expect(readLink(value, base)).toBe(link)
  })
}

test('a base must be absolute http(s)', () => {
  expect(readLinkBase('https://grafana.example.org/')).toBe('https://grafana.example.org/')
  for (const value of ['grafana', '/grafana', 'javascript:x', '', null, undefined])
    expect(readLinkBase(value)).toBeUndefined()
})

test('whatever is written, what comes back is http(s) without a user', () => {
  const part = fc.constantFrom(
    'http',
    'https',
    'javascript',
    ':',
    '//',
    '/',
    '@',
    '.',
    'a',
    'xn--',
    '0x7f',
    '1',
    ':80',
    ':99999',
    '?',
    '#',
    '[',
    ']',
    '%',
    '\\',
    '\t',
    '\u202e',
    '\ud800',
    '{',
    'example.org',
  )
  const address = fc.oneof(
    fc.array(part, { maxLength: 10 }).map((parts) => parts.join('')),
    fc.array(part, { maxLength: 6 }).map((parts) => `https://${parts.join('')}`),
    fc.webUrl(),
  )
  fc.assert(
    fc.property(address, fc.constantFrom(undefined, BASE), (value, base) => {
      const link = readLink(value, base)
      if (link === undefined) return
      const url = new URL(link)
      expect([url.protocol === 'http:' || url.protocol === 'https:', url.username, url.password]).toEqual([
        true,
        '',
        '',
      ])
      expect(link).toMatch(/^[!-~]+$/)
    }),
    { numRuns: 5_000 },
  )
})
