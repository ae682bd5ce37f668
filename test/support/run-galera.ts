import { existsSync } from 'node:fs'
import { freePort } from './free-port.ts'
import { type MariadbServer, queryMariadb, spawnMariadb } from './run-mariadb.ts'
import { startOnFreePort } from './start-on-free-port.ts'

const PROVIDERS = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera/libgalera_smm.so']

interface GaleraPorts {
  readonly sql: number
  readonly group: number
  readonly transferOfState: number
  readonly transferOfChanges: number
}

/** MariaDB servers that agree about every commit: what one answers, all have. */
export class GaleraCluster {
  readonly servers: readonly MariadbServer[]

  constructor(servers: readonly MariadbServer[]) {
    this.servers = servers
  }

  /** Ends all of them and removes their data. */
  async stop(): Promise<void> {
    // The last one to leave would otherwise wait for the others.
    for (const server of this.servers) await server.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

/**
 * Starts a Galera cluster and waits until every server has all data; fails with a log when one does not come. One server at a time may
 * be ended and restarted; when all have ended the cluster is over.
 */
export async function startGalera(count = 3): Promise<GaleraCluster> {
  return await startOnFreePort(async () => {
    const ports: GaleraPorts[] = []
    for (let index = 0; index < count; index += 1)
      ports.push({
        sql: await freePort(),
        group: await freePort(),
        transferOfState: await freePort(),
        transferOfChanges: await freePort(),
      })
    const servers: MariadbServer[] = []
    try {
      // One after another: each gets its data from those that are there.
      for (const index of ports.keys()) {
        const server = spawnGalera(ports, index)
        servers.push(server)
        await server.waitUntilReady()
      }
    } catch (error) {
      await Promise.all(servers.map((server) => server.kill9()))
      throw error
    }
    return new GaleraCluster(servers)
  })
}

function spawnGalera(all: readonly GaleraPorts[], index: number): MariadbServer {
  const provider = PROVIDERS.find((path) => existsSync(path))
  if (provider === undefined) throw new Error('There is no Galera here: install the package galera-4.')
  const ports = all[index] as GaleraPorts
  const options = [
    `gmcast.listen_addr=tcp://127.0.0.1:${ports.group}`,
    `ist.recv_addr=127.0.0.1:${ports.transferOfChanges}`,
    'gcache.size=16M',
    // A server that died is noticed within seconds, one on a busy machine is not taken for dead.
    'evs.suspect_timeout=PT5S',
    'evs.inactive_timeout=PT10S',
    'evs.install_timeout=PT10S',
  ]
  const args = [
    '--wsrep-on=ON',
    `--wsrep-provider=${provider}`,
    `--wsrep-provider-options=${options.join(';')}`,
    '--wsrep-cluster-name=test',
    `--wsrep-cluster-address=gcomm://${all.map(({ group }) => `127.0.0.1:${group}`).join(',')}`,
    `--wsrep-node-name=server-${index + 1}`,
    `--wsrep-node-address=127.0.0.1:${ports.group}`,
    '--wsrep-sst-method=rsync',
    `--wsrep-sst-receive-address=127.0.0.1:${ports.transferOfState}`,
    '--binlog-format=ROW',
    '--innodb-autoinc-lock-mode=2',
  ]
  return spawnMariadb(ports.sql, {
    args,
    firstArgs: index === 0 ? ['--wsrep-new-cluster'] : [],
    // The others get the users with the data.
    makesUser: index === 0,
    isReady: async (url) => {
      const [row] = await queryMariadb(url, "show status like 'wsrep_local_state_comment'")
      return row?.['Value'] === 'Synced'
    },
  })
}
