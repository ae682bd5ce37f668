import * as z from 'zod'
import { refuse, setting } from './setting.ts'

/** The address of a server that Nunchi asks. Without a login: that goes into settings of its own, which are secrets. */
export function serverAddress() {
  return z.string().superRefine((text, ctx) => {
    const address = URL.parse(text)
    if (address === null || !/^https?:$/.test(address.protocol))
      refuse(ctx, {
        problem: `is \`${shown(text)}\`, which is no address of http or https`,
        remedy: 'Write it whole, such as `http://alertmanager.example.com:9093`.',
      })
    else if (address.username + address.password !== '')
      refuse(ctx, {
        problem: 'has a user name or a password in it, which would be seen',
        remedy: 'Leave them out and use `username` and `password`.',
      })
    else if (address.search + address.hash !== '')
      refuse(ctx, {
        problem: `is \`${shown(text)}\`, to which no path can be added`,
        remedy: 'Leave out what begins with `?` or `#`.',
      })
  })
}

/** A login in the address is shown to nobody, not even where it is refused. */
function shown(text: string): string {
  return text
    .replace(/\/\/[^/@]*@/, '//<secret>@')
    .replaceAll(/[\p{C}`]/gu, '?')
    .slice(0, 80)
}

/** The rules for the addresses of servers, with their words. */
export const ADDRESS_RULES = {
  ca: setting(z.string().min(1).optional(), {
    about: 'The file (PEM) with the certificate of whoever issued that of the server.',
    otherwise: 'the authorities that Node trusts',
    examples: ['/etc/ssl/our-ca.pem'],
  }),
  allowPrivateAddresses: setting(z.boolean().prefault(true), {
    about: 'Allows addresses of this machine and of private networks. Link-local ones stay refused.',
  }),
  allowUnencrypted: setting(z.boolean().prefault(false), {
    about: 'Allows http:// to public addresses. Without it, http:// reaches private addresses only.',
  }),
} as const
