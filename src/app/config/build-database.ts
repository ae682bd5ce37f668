import { resolve } from 'node:path'
import { type DatabaseUrl, parseDatabaseUrl } from '../../store/database-url.ts'
import { SERVER_DEFAULTS, type TlsMode } from '../../store/dialects/server/server-location.ts'
import type { ParsedFile } from './config-schema.ts'
import type { DatabaseConfig } from './config-shape.ts'
import { isLoopback } from './is-loopback.ts'
import { Secret } from './secret.ts'

type ParsedDatabase = ParsedFile['database']
type ServerUrl = Exclude<DatabaseUrl, { readonly kind: 'sqlite' }>

/** The host, user and database of an installation that was told only some of its variables. */
const MYSQL_DEFAULTS = { host: 'mysql', port: 3306, user: 'observer', database: 'observer' } as const

/** The database of checked settings: a URL, the five settings of a MySQL server, or the file in the data folder. */
export function buildDatabase(parsed: ParsedDatabase, dataDir: string, workingFolder: string): DatabaseConfig {
  const url = databaseUrlOf(parsed)
  if (url === null) return { kind: 'sqlite', path: resolve(dataDir, 'nunchi.db') }
  if (url.kind === 'sqlite') return { kind: 'sqlite', path: resolve(workingFolder, url.path) }
  return serverOf(url, parsed, workingFolder)
}

/** Whether the settings of a MySQL server speak. The port alone proves nothing: Kubernetes sets it for a service that happens to be named `db`. */
export function asksForMysql({ host, user, password, name }: ParsedDatabase): boolean {
  return [host, user, password, name].some((value) => value !== undefined)
}

/** The port as it was written: a number, or the address that Kubernetes puts into DB_PORT beside a service named `db`. Null when it is neither. */
export function portOf(port: ParsedDatabase['port']): number | null {
  if (port === undefined) return MYSQL_DEFAULTS.port
  const digits = /^(?:tcp:\/\/.*:)?(\d{1,5})$/.exec(String(port).trim())?.[1]
  const number = digits === undefined ? 0 : Number(digits)
  return number >= 1 && number <= 65_535 ? number : null
}

function databaseUrlOf(parsed: ParsedDatabase): DatabaseUrl | null {
  if (parsed.url !== undefined) {
    const url = parseDatabaseUrl(parsed.url.reveal())
    if (!url.ok) throw new Error(`DATABASE_URL ${url.problem}`)
    return url.value
  }
  if (!asksForMysql(parsed)) return null
  const { host, user, database } = MYSQL_DEFAULTS
  return {
    kind: 'mysql',
    host: parsed.host ?? host,
    port: portOf(parsed.port) ?? MYSQL_DEFAULTS.port,
    user: parsed.user ?? user,
    password: parsed.password?.reveal() ?? '',
    database: parsed.name ?? database,
    tls: {},
  }
}

function serverOf(url: ServerUrl, parsed: ParsedDatabase, workingFolder: string): DatabaseConfig {
  const pathOf = (name: 'ca' | 'cert' | 'key'): string | null => {
    const file = parsed.tls[name] ?? url.tls[name]
    return file === undefined ? null : resolve(workingFolder, file)
  }
  const ca = pathOf('ca')
  const byDefault: TlsMode = ca === null ? 'prefer' : 'verify-full'
  const mode = parsed.tls.mode ?? url.tls.mode ?? byDefault
  return {
    kind: url.kind,
    host: url.host,
    port: url.port,
    user: url.user,
    password: new Secret(url.password),
    database: url.database,
    tls: { mode, ca, cert: pathOf('cert'), key: pathOf('key') },
    poolSize: parsed.poolSize ?? url.poolSize ?? SERVER_DEFAULTS.poolSize,
    connectTimeoutMs: parsed.connectTimeout,
    statementTimeoutMs: parsed.statementTimeout,
  }
}

/** What is possible, but hardly meant. */
export function databaseWarnings(database: DatabaseConfig): readonly (readonly [applies: boolean, warning: string])[] {
  if (database.kind === 'sqlite') return []
  const { host, tls } = database
  return [
    [
      tls.mode === 'off' && !isLoopback(host),
      `The way to the database at ${host} is not encrypted (TLS is off): whoever listens there reads the password and every alert.`,
    ],
  ]
}
