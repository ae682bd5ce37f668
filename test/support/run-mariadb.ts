import { spawnSync } from 'node:child_process'
import { createConnection } from 'mysql2/promise'
import { asPlainUser, type PlainCommand } from './as-plain-user.ts'
import { findBinary } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type ServerPlan, ServerProgram } from './server-program.ts'
import { startOnFreePort } from './start-on-free-port.ts'
import { makeMemoryFolder, makeTempFolder, type TempFolder } from './temp-folder.ts'

const USER = 'nunchi'
const PASSWORD = 'secret'

/** `durable`: every commit waits for the disk; without it the log is written once a second. */
export interface MariadbOptions {
  readonly durable?: boolean
  readonly port?: number
  /** More flags, for example `--max-connections=20`. */
  readonly args?: readonly string[]
}

/** What `spawnMariadb` may be told for servers that are more than one. */
export interface MariadbParts extends MariadbOptions {
  /** Flags of the very first start only. */
  readonly firstArgs?: readonly string[]
  /** Default true. */
  readonly makesUser?: boolean
  /** Default: it answers. */
  readonly isReady?: (url: string) => Promise<boolean>
}

/** A private MariaDB on 127.0.0.1 with its data in a temporary folder, and a user who may do everything. */
export class MariadbServer extends ServerProgram {
  readonly port: number

  constructor(plan: ServerPlan, port: number) {
    super(plan)
    this.port = port
  }

  /** Where a database of this server is, as DATABASE_URL has it. */
  url(database = ''): string {
    return urlOf(this.port, database)
  }

  /** Runs one statement on a connection of its own. */
  async query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]> {
    return await queryMariadb(this.url(database), sql)
  }
}

/** Starts a MariaDB and waits until it answers; fails with its log when it does not. */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
  return await startOnFreePort(async () => {
    const port = options.port ?? (await freePort())
    const server = spawnMariadb(port, options)
    await server.waitUntilReady()
    return server
  })
}

/** Starts one on an empty data folder without waiting. */
export function spawnMariadb(port: number, options: MariadbParts = {}): MariadbServer {
  const binary = findBinary('mariadb-server', '/usr/sbin/mariadbd', '/usr/libexec/mariadbd')
  const folder = options.durable === true ? makeTempFolder('mariadb') : makeMemoryFolder('mariadb')
  const data = installData(folder)
  const init = folder.write(
    'init.sql',
    `create user if not exists ${USER}@'%' identified by '${PASSWORD}';\ngrant all on *.* to ${USER}@'%' with grant option;\n`,
  )
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${folder.path}/server.sock`,
    `--pid-file=${folder.path}/server.pid`,
    ...(options.makesUser === false ? [] : [`--init-file=${init}`]),
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_general_ci',
    '--max-connections=500',
    '--innodb-buffer-pool-size=64M',
    '--innodb-log-file-size=32M',
    `--innodb-flush-log-at-trx-commit=${options.durable === true ? 1 : 0}`,
    ...(options.durable === true ? [] : ['--innodb-doublewrite=0', '--innodb-flush-method=nosync']),
    ...(options.args ?? []),
  ]
  const { firstArgs = [], isReady = answers } = options
  const url = urlOf(port, '')
  return new MariadbServer(
    {
      name: 'MariaDB',
      ...asServerUser(folder, { command: binary, args }),
      firstArgs,
      folder,
      isReady: () => isReady(url),
      readyTimeoutMs: 60_000,
    },
    port,
  )
}

async function answers(url: string): Promise<boolean> {
  return (await queryMariadb(url, 'select 1')).length === 1
}

function installData(folder: TempFolder): string {
  const command = findBinary('mariadb-server', '/usr/bin/mariadb-install-db')
  const data = `${folder.path}/data`
  const args = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db']
  const install = asServerUser(folder, { command, args })
  const run = spawnSync(install.command, [...install.args], { encoding: 'utf8', cwd: '/' })
  if (run.status !== 0) throw new Error(`mariadb-install-db failed: ${run.stdout}${run.stderr}`)
  return data
}

/** It runs as root only when told to, and what it starts for a transfer of data does not at all. */
function asServerUser({ path }: TempFolder, command: PlainCommand): PlainCommand {
  return asPlainUser(command, { users: ['mysql', 'nobody'], folder: path })
}

function urlOf(port: number, database: string): string {
  return `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`
}

/** Runs one statement on a connection of its own. */
export async function queryMariadb(uri: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const connection = await createConnection({ uri, connectTimeout: 5_000 })
  try {
    const [rows] = await connection.query(sql)
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
  } finally {
    connection.destroy()
  }
}
