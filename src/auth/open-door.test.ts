import { expect, test } from 'vitest'
import { refusalAtOpenDoor } from './open-door.ts'

const here = '127.0.0.1:9009'
const cases: readonly [
  method: string,
  host: string | undefined,
  origin: string | undefined,
  fetchSite: string | undefined,
  expected: string | null,
  why: string,
][] = [
  ['GET', 'localhost', undefined, undefined, null, 'a program on this machine'],
  ['GET', 'localhost:9009', undefined, undefined, null, 'any port'],
  ['GET', 'LOCALHOST:9009', undefined, undefined, null, 'names have no case'],
  ['GET', '[::1]:9009', undefined, undefined, null, 'IPv6'],
  ['POST', here, undefined, undefined, null, 'a program sends no Origin'],
  ['POST', here, `http://${here}`, 'same-origin', null, 'our own page'],
  ['GET', here, 'http://evil.example', 'cross-site', null, 'reading: the browser keeps the answer from the page'],
  ['GET', 'evil.example', undefined, undefined, 'host-not-allowed', 'a name that was rebound to this machine'],
  ['GET', 'evil.example:9009', undefined, undefined, 'host-not-allowed', 'the same with a port'],
  ['GET', 'localhost.evil.example', undefined, undefined, 'host-not-allowed', 'a name that begins like ours'],
  ['GET', '127.0.0.1.nip.io', undefined, undefined, 'host-not-allowed', 'a public name of this machine'],
  ['GET', undefined, undefined, undefined, 'host-not-allowed', 'no name at all'],
  ['GET', '', undefined, undefined, 'host-not-allowed', 'an empty name'],
  ['POST', here, 'http://evil.example', undefined, 'cross-origin', 'a form of another site'],
  ['POST', here, 'http://127.0.0.1:3000', undefined, 'cross-origin', 'another program of this machine is another site'],
  ['POST', here, 'http://localhost:9009', undefined, 'cross-origin', 'another name of this machine is another site'],
  ['POST', here, 'null', undefined, 'cross-origin', 'a sandboxed frame, or a file'],
  ['POST', here, 'not an origin', undefined, 'cross-origin', 'nonsense is nobody'],
  ['POST', here, undefined, 'cross-site', 'cross-origin', 'the browser says so itself'],
  ['DELETE', here, undefined, 'same-site', 'cross-origin', 'a sibling host is another site'],
  ['POST', here, undefined, 'none', null, 'the person typed it'],
]
for (const [method, host, origin, fetchSite, expected, why] of cases) {
  test(`${method} to ${host} from ${origin ?? 'nowhere'} → ${expected ?? 'let in'} (${why})`, () => {
    expect(refusalAtOpenDoor({ method, host, origin, fetchSite })).toBe(expected)
  })
}
