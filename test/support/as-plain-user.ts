import { chownSync, readFileSync } from 'node:fs'

/** A command line that runs as somebody who is not root. */
export interface PlainCommand {
  readonly command: string
  readonly args: readonly string[]
}

/**
 * For programs that refuse to run as root: the command, run as the first of `users` that this system knows.
 * Who is not root already gets the command as it is. `folder` is given to that user.
 */
export function asPlainUser(
  { command, args }: PlainCommand,
  { users, folder }: { readonly users: readonly string[]; readonly folder: string },
): PlainCommand {
  if (process.getuid?.() !== 0) return { command, args }
  const { uid, gid } = idsOf(users)
  chownSync(folder, uid, gid)
  return { command: 'setpriv', args: [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', command, ...args] }
}

function idsOf(users: readonly string[]): { readonly uid: number; readonly gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const user of users) {
    const account = accounts.find(([name]) => name === user)
    if (account !== undefined) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  throw new Error(`This system has no user ${users.join(' or ')}.`)
}
