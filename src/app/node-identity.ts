import { hostname } from 'node:os'
import type { NodeIdentity } from '../cluster/node-repository.ts'
import { machineName } from '../cluster/this-machine.ts'
import { MIGRATIONS } from '../store/migrate.ts'
import { NUNCHI_VERSION } from './version.ts'

/** What this process says of itself to the other nodes. `id` is made anew at every start. */
export function nodeIdentity(
  id: string,
  { host, port }: { readonly host: string; readonly port: number },
): NodeIdentity {
  return {
    id,
    name: hostname(),
    address: reachableAddress(host, port),
    version: NUNCHI_VERSION,
    pid: process.pid,
    machine: machineName(id),
    steps: MIGRATIONS.map(({ name }) => name),
  }
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

/** Where the other nodes would find what listens here: an address that means "all of them" means nothing to others. */
export function reachableAddress(host: string, port: number): string {
  const name = EVERYWHERE.has(host) ? hostname() : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
