import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { startMariadb } from '../../test/support/run-mariadb.ts'
import { startNats } from '../../test/support/run-nats.ts'
import { startPostgres } from '../../test/support/run-postgres.ts'
import { treeCpuMs } from './tree-cpu.ts'

/** What an installation keeps its data and its delivery log in: the sizes that people choose between. */
export const ENGINES = ['sqlite', 'mariadb', 'postgres', 'stream1', 'stream3'] as const
export type EngineName = (typeof ENGINES)[number]

/** Each engine as a reader knows it. */
export const ENGINE_LABELS: Readonly<Record<EngineName, string>> = {
  sqlite: 'SQLite',
  mariadb: 'MariaDB',
  postgres: 'PostgreSQL',
  stream1: 'PostgreSQL + JetStream × 1',
  stream3: 'PostgreSQL + JetStream × 3',
}

/** Where one installation keeps what it knows; everything in it is new. */
export interface EnginePlace {
  /** Absent: in the data folder of the product. */
  readonly databaseUrl?: string
  readonly env: Readonly<Record<string, string>>
  /** The folders of the servers that hold its data, each copy once; without those that only the write-ahead log is in. */
  readonly folders: readonly string[]
}

/** The private servers of an engine, which keep what they acknowledge as they do in production. */
export interface EngineServers {
  readonly newPlace: () => Promise<EnginePlace>
  readonly databaseCpuMs: () => number
  readonly natsCpuMs: () => number
  readonly stop: () => Promise<void>
}

// What a small server is given; the defaults of both are those of a machine of twenty years ago. PostgreSQL has the cache of the system beside it.
const POSTGRES_SETTINGS = { shared_buffers: '1GB', max_wal_size: '4GB', checkpoint_timeout: '15min' }
const MARIADB_ARGS = ['--innodb-buffer-pool-size=4G', '--innodb-log-file-size=1G', '--innodb-io-capacity=2000']

/** Starts the servers that an engine needs, with commits that wait for the disk. */
export async function startEngine(name: EngineName): Promise<EngineServers> {
  if (name === 'sqlite')
    return {
      newPlace: async () => ({ env: {}, folders: [] }),
      databaseCpuMs: () => 0,
      natsCpuMs: () => 0,
      stop: async () => undefined,
    }
  return name === 'mariadb' ? await startMariadbEngine() : await startPostgresEngine(name)
}

async function startMariadbEngine(): Promise<EngineServers> {
  const server = await startMariadb({ durable: true, args: MARIADB_ARGS })
  const newPlace = async (): Promise<EnginePlace> => {
    const name = newName()
    await server.query(`create database ${name}`)
    const databaseUrl = server.url(name)
    return { databaseUrl, env: { DATABASE_URL: databaseUrl }, folders: [join(server.folder, 'data', name)] }
  }
  return {
    newPlace,
    databaseCpuMs: () => treeCpuMs(server.pid),
    natsCpuMs: () => 0,
    stop: async () => void (await server.stop()),
  }
}

async function startPostgresEngine(name: Exclude<EngineName, 'sqlite' | 'mariadb'>): Promise<EngineServers> {
  const server = await startPostgres({ durable: true, settings: POSTGRES_SETTINGS })
  const nats = name === 'postgres' ? null : await startNats(name === 'stream3' ? 3 : 1)
  const newPlace = async (): Promise<EnginePlace> => {
    const database = newName()
    await server.query(`create database ${database}`)
    const databaseUrl = server.url(database)
    const stream = nats && { NATS_URL: nats.url, NUNCHI_LOG_STREAM: database.replace('_', '-') }
    const folders = [join(server.folder, 'data/base'), ...(nats?.servers ?? []).map(({ folder }) => folder)]
    return { databaseUrl, env: { DATABASE_URL: databaseUrl, ...stream }, folders }
  }
  return {
    newPlace,
    databaseCpuMs: () => treeCpuMs(server.pid),
    natsCpuMs: () => (nats?.servers ?? []).reduce((sum, { pid }) => sum + treeCpuMs(pid), 0),
    stop: async () => {
      await nats?.stop()
      await server.stop()
    },
  }
}

function newName(): string {
  return `bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`
}
