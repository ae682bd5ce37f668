import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGaleraHaproxy } from './run-example-haproxy.ts'
import { type GaleraCluster, startGalera } from './run-galera.ts'
import type { Haproxy } from './run-haproxy.ts'
import { type MariadbServer, queryMariadb } from './run-mariadb.ts'
import { waitUntil } from './wait-until.ts'

const CHECK_MS = 900

/** A Galera cluster as an operator runs it: behind HAProxy, which sends everything to one member as long as that can serve. */
export class GaleraBehindHaproxy {
  readonly cluster: GaleraCluster
  readonly #haproxy: Haproxy
  readonly #checks: readonly Server[]

  private constructor(cluster: GaleraCluster, checks: readonly Server[], haproxy: Haproxy) {
    this.cluster = cluster
    this.#checks = checks
    this.#haproxy = haproxy
  }

  /** Starts everything; resolves when a statement gets through. */
  static async start(): Promise<GaleraBehindHaproxy> {
    const cluster = await startGalera()
    const checks = await Promise.all(cluster.servers.map(startCheck))
    const members = cluster.servers.map(({ port }, i) => ({ port, checkPort: portOf(checks[i] as Server) }))
    const [first] = cluster.servers as [MariadbServer]
    const haproxy = await startGaleraHaproxy(members, async (port) => {
      const url = new URL(first.url())
      url.port = String(port)
      return (await queryMariadb(url.href, 'select 1')).length === 1
    })
    return new GaleraBehindHaproxy(cluster, checks, haproxy)
  }

  /** Where statements are to go. */
  get port(): number {
    return this.#haproxy.port
  }

  get members(): readonly MariadbServer[] {
    return this.cluster.servers
  }

  /** The same as DATABASE_URL has it. */
  url(database = ''): string {
    const url = new URL((this.members[0] as MariadbServer).url(database))
    url.port = String(this.port)
    return url.href
  }

  /** Lets a member go on that was stopped by a signal; resolves when it has caught up. */
  async wake(member: MariadbServer): Promise<void> {
    member.signal('SIGCONT')
    await waitUntil(() => canServe(member), { timeoutMs: 60_000, why: 'the member has caught up' })
  }

  async stop(): Promise<void> {
    await this.#haproxy.stop()
    for (const check of this.#checks) {
      check.closeAllConnections()
      await new Promise<void>((resolve) => check.close(() => resolve()))
    }
    await this.cluster.stop()
  }
}

/** What `clustercheck` does beside a real member. */
async function startCheck(member: MariadbServer): Promise<Server> {
  const server = createServer((_, response) => {
    const late = sleep(CHECK_MS).then(() => false)
    const isFine = canServe(member).catch(() => false)
    void Promise.race([isFine, late]).then((is) => response.writeHead(is ? 200 : 503, { connection: 'close' }).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function canServe(member: MariadbServer): Promise<boolean> {
  const rows = await member.query(
    "show status where Variable_name in ('wsrep_local_state_comment', 'wsrep_cluster_status')",
  )
  const status = new Map(rows.map((row) => [row['Variable_name'], row['Value']]))
  return status.get('wsrep_local_state_comment') === 'Synced' && status.get('wsrep_cluster_status') === 'Primary'
}
