import { setTimeout as sleep } from 'node:timers/promises'
import { askDatabase } from './ask-database.ts'
import type { StageKind } from './chaos-stage.ts'
import { urlOfDatabase } from './fresh-database.ts'
import { GaleraBehindHaproxy } from './run-galera-behind-haproxy.ts'
import { type MariadbServer, startMariadb } from './run-mariadb.ts'
import { startPostgres } from './run-postgres.ts'

const DATABASE = 'chaos'

/** The database of a stage, be it one server or three that agree, and what may happen to it. */
export interface StageDatabase {
  /** Without any proxy in between. */
  readonly url: string
  readonly port: number
  /** Ends a server as a crash would (of several: one, by `random`) and starts it again; what was committed survives. */
  crash(random: () => number): Promise<void>
  /** Stops one of several for up to `ms`; resolves when it has caught up. */
  freeze(random: () => number, ms: number): Promise<void>
  /** Ends every connection of the nodes, as a restarting pooler does. */
  killConnections(): Promise<void>
  /** Everything runs again. */
  calm(): Promise<void>
  stop(): Promise<void>
}

/** Starts it with an empty database; a server that is alone waits for its disk with each commit. */
export async function startStageDatabase(kind: StageKind): Promise<StageDatabase> {
  if (kind === 'galera') return await startGaleraDatabase()
  const server = kind === 'mariadb' ? await startMariadb({ durable: true }) : await startPostgres({ durable: true })
  await askDatabase(server.url(), `create database ${DATABASE}`)
  return {
    url: urlOfDatabase(server.url(), DATABASE),
    port: server.port,
    crash: async (random) => {
      await server.kill9()
      await sleep(random() * 2_000)
      await server.restart()
    },
    freeze: () => Promise.reject(new Error('There is no other server that could go on.')),
    killConnections: async () =>
      void (await (kind === 'mariadb' ? killMariadb(server.url()) : askDatabase(server.url(), POSTGRES_KILLER))),
    calm: async () => {
      if (server.hasEnded) await server.restart()
    },
    stop: async () => void (await server.stop()),
  }
}

async function startGaleraDatabase(): Promise<StageDatabase> {
  const galera = await GaleraBehindHaproxy.start()
  await askDatabase(galera.url(), `create database ${DATABASE}`)
  const { members } = galera
  const one = (random: () => number): MariadbServer => members[Math.floor(random() * members.length)] as MariadbServer
  return {
    url: galera.url(DATABASE),
    port: galera.port,
    crash: async (random) => {
      const member = one(random)
      await member.kill9()
      await sleep(random() * 2_000)
      await member.restart()
    },
    freeze: async (random, ms) => {
      const member = one(random)
      member.signal('SIGSTOP')
      await sleep(random() * ms)
      await galera.wake(member)
    },
    killConnections: async () => {
      for (const member of members) await killMariadb(member.url())
    },
    calm: async () => {
      for (const member of members) await (member.hasEnded ? member.restart() : galera.wake(member))
    },
    stop: () => galera.stop(),
  }
}

const POSTGRES_KILLER = `select pg_terminate_backend(pid)::text as done from pg_stat_activity where datname = '${DATABASE}'`
const MARIADB_CONNECTIONS = `select id from information_schema.processlist where db = '${DATABASE}'`

/** It has no statement that ends many. */
async function killMariadb(url: string): Promise<void> {
  for (const { id } of await askDatabase(url, MARIADB_CONNECTIONS))
    if (typeof id === 'number') await askDatabase(url, `kill ${id}`).catch(() => undefined)
}
