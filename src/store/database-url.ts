import type { ServerLocation, TlsMode } from './dialects/server/server-location.ts'

/** What a `DATABASE_URL` says. Files of certificates are names here: whoever opens the database reads them. */
export type DatabaseUrl =
  | { readonly kind: 'sqlite'; readonly path: string }
  | (Pick<ServerLocation, 'kind' | 'host' | 'port' | 'user' | 'password' | 'database'> & {
      readonly tls: { readonly mode?: TlsMode; readonly ca?: string; readonly cert?: string; readonly key?: string }
      readonly poolSize?: number
    })

export type ParsedDatabaseUrl =
  | { readonly ok: true; readonly value: DatabaseUrl }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

const SERVERS: Readonly<Record<string, Pick<ServerLocation, 'kind' | 'port'>>> = {
  mysql: { kind: 'mysql', port: 3306 },
  mariadb: { kind: 'mysql', port: 3306 },
  postgres: { kind: 'postgres', port: 5432 },
  postgresql: { kind: 'postgres', port: 5432 },
}

const EXAMPLES =
  'Write `sqlite:` and the path of a file, `mysql://user:password@host/database` or `postgres://user:password@host/database`.'

/**
 * Reads a `DATABASE_URL`: `sqlite:` and a path (three slashes make it absolute), or `mysql://`, `mariadb://`, `postgres://`,
 * `postgresql://` with user, password, host, port, database and the usual parameters for TLS. What is wrong is said without
 * showing more of it than its scheme, because the rest often holds a password.
 */
export function parseDatabaseUrl(text: string): ParsedDatabaseUrl {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(text)?.[0].toLowerCase()
  if (scheme === undefined) return refused('has no scheme')
  if (scheme === 'sqlite') return sqlite(text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, ''))
  const server = SERVERS[scheme]
  if (server === undefined) return refused(`begins with \`${scheme}:\`, which is no database that Nunchi knows`)
  const url = URL.parse(text)
  if (url === null || !text.slice(scheme.length).startsWith('://'))
    return refused(
      'is no whole address',
      'Signs such as `@`, `/`, `#` and `%` in a password are written as %40, %2F, %23 and %25; or use DB_PASSWORD.',
    )
  return serverUrl(server, url)
}

function refused(problem: string, remedy = EXAMPLES): ParsedDatabaseUrl {
  return { ok: false, problem, remedy }
}

function sqlite(path: string): ParsedDatabaseUrl {
  const isInMemory = path === '' || /^(?:\/\/)?:memory:$/.test(path)
  if (isInMemory) return refused('names no file, so that nothing would survive a restart')
  return { ok: true, value: { kind: 'sqlite', path } }
}

function serverUrl(server: Pick<ServerLocation, 'kind' | 'port'>, url: URL): ParsedDatabaseUrl {
  const parts = decodedParts(url)
  if (parts === null) return refused('has a `%` that begins no sign', 'Write a `%` in a user name or password as %25.')
  if (url.hostname === '') return refused('names no host')
  if (parts.user === '') return refused('names no user')
  if (parts.database === '' || parts.database.includes('/'))
    return refused('names no database', 'Write the name of the database behind the host, as in `…@host/nunchi`.')
  const read = readParameters(url.searchParams)
  if (!read.ok) return read
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? server.port : Number(url.port)
  return { ok: true, value: { kind: server.kind, host, port, ...parts, ...read.value } }
}

function decodedParts(url: URL): Pick<ServerLocation, 'user' | 'password' | 'database'> | null {
  try {
    return {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: decodeURIComponent(url.pathname.slice(1)),
    }
  } catch {
    return null
  }
}

/** What the tools of both servers call the same thing. */
const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  disabled: 'off',
  off: 'off',
  false: 'off',
  allow: 'prefer',
  prefer: 'prefer',
  preferred: 'prefer',
  require: 'require',
  required: 'require',
  'no-verify': 'require',
  'verify-ca': 'verify-ca',
  verify_ca: 'verify-ca',
  'verify-full': 'verify-full',
  verify_identity: 'verify-full',
  verify: 'verify-full',
  true: 'verify-full',
}

const PARAMETERS: Readonly<Record<string, 'mode' | 'ca' | 'cert' | 'key' | 'poolSize' | 'ignored'>> = {
  sslmode: 'mode',
  'ssl-mode': 'mode',
  ssl: 'mode',
  tls: 'mode',
  sslrootcert: 'ca',
  'ssl-ca': 'ca',
  sslcert: 'cert',
  'ssl-cert': 'cert',
  sslkey: 'key',
  'ssl-key': 'key',
  pool_size: 'poolSize',
  connection_limit: 'poolSize',
  charset: 'ignored',
  application_name: 'ignored',
}

type Parameters =
  | { readonly ok: true; readonly value: Pick<Extract<DatabaseUrl, { host: string }>, 'tls' | 'poolSize'> }
  | Extract<ParsedDatabaseUrl, { ok: false }>

function readParameters(parameters: URLSearchParams): Parameters {
  const found: { mode?: string; ca?: string; cert?: string; key?: string; poolSize?: string; ignored?: string } = {}
  for (const [name, value] of parameters) {
    const meaning = PARAMETERS[name.toLowerCase()]
    if (meaning === undefined)
      return refusedParameter(`has the parameter \`${name.slice(0, 40)}\`, which Nunchi does not know`)
    found[meaning] = value
  }
  const { mode, poolSize, ignored: _, ...files } = found
  const tlsMode = mode === undefined ? undefined : TLS_MODES[mode.toLowerCase()]
  if (mode !== undefined && tlsMode === undefined)
    return refusedParameter(
      'has a `sslmode` that is none of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`',
    )
  const size = poolSize === undefined ? undefined : Number(poolSize)
  if (size !== undefined && !(Number.isInteger(size) && size >= 1))
    return refusedParameter('has a `pool_size` that is no number of connections')
  const tls = { ...(tlsMode && { mode: tlsMode }), ...files }
  return { ok: true, value: { tls, ...(size !== undefined && { poolSize: size }) } }
}

function refusedParameter(problem: string): Extract<ParsedDatabaseUrl, { ok: false }> {
  const remedy =
    'Use `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `pool_size`; everything else is set under `database`.'
  return { ok: false, problem, remedy }
}
