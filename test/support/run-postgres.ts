import { spawnSync } from 'node:child_process'
import pg from 'pg'
import { asPlainUser, type PlainCommand } from './as-plain-user.ts'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type ServerPlan, ServerProgram } from './server-program.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeMemoryFolder, makeTempFolder } from './temp-folder.ts'

const USER = 'nunchi'

/** `durable`: what was committed survives `kill9` of the machine too; without it commits do not wait for the disk. */
export interface PostgresOptions {
  readonly durable?: boolean
  readonly port?: number
  /** More settings, for example `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A private PostgreSQL on 127.0.0.1 with its data in a temporary folder. Everybody is let in as superuser. */
export class PostgresServer extends ServerProgram {
  readonly port: number

  constructor(plan: ServerPlan, port: number) {
    super(plan)
    this.port = port
  }

  /** Where a database of this server is, as DATABASE_URL has it. */
  url(database = 'postgres'): string {
    return urlOf(this.port, database)
  }

  /** Runs one statement on a connection of its own. */
  async query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]> {
    return await queryOnce(this.url(database), sql)
  }
}

/** Starts a PostgreSQL and waits until it answers; fails with its log when it does not. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  return await startOnFreePort(() => startOne(options))
}

async function startOne(options: PostgresOptions): Promise<PostgresServer> {
  const binary = findBinary('postgresql', '/usr/lib/postgresql/*/bin/postgres')
  const port = options.port ?? (await freePort())
  const folder = options.durable === true ? makeTempFolder('postgres') : makeMemoryFolder('postgres')
  const data = `${folder.path}/data`
  const asServerUser = (command: PlainCommand): PlainCommand =>
    asPlainUser(command, { users: ['postgres', 'nobody'], folder: folder.path })
  initialize(
    asServerUser({
      command: binary.replace(/postgres$/, 'initdb'),
      args: ['-D', data, '-U', USER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    }),
  )
  const settings = { ...settingsOf(options.durable ?? false), ...options.settings }
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  const postgres = new PostgresServer(
    {
      name: 'PostgreSQL',
      ...asServerUser({ command: binary, args }),
      folder,
      isReady: async () => (await queryOnce(urlOf(port, 'postgres'), 'select 1')).length === 1,
      // SIGTERM would wait until the last client has gone.
      stopSignal: 'SIGINT',
    },
    port,
  )
  await postgres.waitUntilReady()
  return postgres
}

function settingsOf(isDurable: boolean): Readonly<Record<string, string>> {
  const onOff = isDurable ? 'on' : 'off'
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '500',
    fsync: onOff,
    synchronous_commit: onOff,
    full_page_writes: onOff,
    // Empty databases are made and dropped by the hundred; a copy of files is faster than a walk through the log.
    autovacuum: onOff,
    jit: 'off',
  }
}

function initialize({ command, args }: PlainCommand): void {
  const run = spawnSync(command, [...args], { encoding: 'utf8', cwd: '/' })
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? ''}\n${run.stdout}${run.stderr}`)
}

function urlOf(port: number, database: string): string {
  return `postgres://${USER}@127.0.0.1:${port}/${database}`
}

async function queryOnce(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  // A connection that breaks outside of a query would end the test's process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}
