import { join, resolve } from 'node:path'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { Haproxy } from './run-haproxy.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeTempFolder } from './temp-folder.ts'

const EXAMPLES = join(resolve(import.meta.dirname, '../..'), 'deploy/haproxy')

interface Example {
  readonly file: string
  readonly envOf: (port: number) => Readonly<Record<string, string>>
  readonly isReady: (port: number) => Promise<boolean>
}

/** Starts HAProxy with the configuration that `deploy/` gives to users, in front of two or three nodes; their addresses are `host:port`. */
export async function startExampleHaproxy(nodes: readonly string[]): Promise<Haproxy> {
  return await startExample({
    file: 'haproxy.cfg',
    envOf: (port) => ({
      NUNCHI_BIND: `127.0.0.1:${port}`,
      ...Object.fromEntries(nodes.map((address, i) => [`NUNCHI_NODE${i + 1}`, address])),
    }),
    isReady: async (port) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200,
  })
}

/** One member of a Galera cluster, and where one hears whether it can serve. */
export interface GaleraMember {
  readonly port: number
  readonly checkPort: number
}

/** The same for the members of a Galera cluster; `answers` says whether a port leads to a database. */
export async function startGaleraHaproxy(
  members: readonly GaleraMember[],
  answers: (port: number) => Promise<boolean>,
): Promise<Haproxy> {
  return await startExample({
    file: 'galera.cfg',
    envOf: (port) => ({
      NUNCHI_DB_BIND: `127.0.0.1:${port}`,
      ...Object.fromEntries(
        members.flatMap((member, i) => [
          [`NUNCHI_DB_MEMBER${i + 1}`, `127.0.0.1:${member.port}`],
          [`NUNCHI_DB_CHECK${i + 1}`, String(member.checkPort)],
        ]),
      ),
    }),
    isReady: answers,
  })
}

async function startExample({ file, envOf, isReady }: Example): Promise<Haproxy> {
  return await startOnFreePort(async () => {
    const port = await freePort()
    const plan = {
      name: 'HAProxy',
      command: findBinary('haproxy', '/usr/sbin/haproxy'),
      args: ['-db', '-f', join(EXAMPLES, file)],
      folder: makeTempFolder('haproxy'),
      env: envOf(port),
      isReady: () => isReady(port),
    }
    const haproxy = new Haproxy(plan, port)
    await haproxy.waitUntilReady()
    return haproxy
  })
}
