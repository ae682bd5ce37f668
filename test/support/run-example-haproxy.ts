import { join, resolve } from 'node:path'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { Haproxy } from './run-haproxy.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeTempFolder } from './temp-folder.ts'

const EXAMPLE = join(resolve(import.meta.dirname, '../..'), 'deploy/haproxy/haproxy.cfg')

/** Starts HAProxy with the configuration that `deploy/` gives to users, in front of two or three nodes; their addresses are `host:port`. */
export async function startExampleHaproxy(nodes: readonly string[]): Promise<Haproxy> {
  return await startOnFreePort(async () => {
    const port = await freePort()
    const isReady = async (): Promise<boolean> => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200
    const plan = {
      name: 'HAProxy',
      command: findBinary('haproxy', '/usr/sbin/haproxy'),
      args: ['-db', '-f', EXAMPLE],
      folder: makeTempFolder('haproxy'),
      env: {
        NUNCHI_BIND: `127.0.0.1:${port}`,
        ...Object.fromEntries(nodes.map((address, i) => [`NUNCHI_NODE${i + 1}`, address])),
      },
      isReady,
    }
    const haproxy = new Haproxy(plan, port)
    await haproxy.waitUntilReady()
    return haproxy
  })
}
