import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../../test/support/free-port.ts'
import { type MariadbServer, startMariadb } from '../../../../test/support/run-mariadb.ts'
import { type PostgresServer, startPostgres } from '../../../../test/support/run-postgres.ts'
import { TcpProxy } from '../../../../test/support/tcp-proxy.ts'
import { makeTempFolder, type TempFolder } from '../../../../test/support/temp-folder.ts'
import { TEST_CERTIFICATE } from '../../../../test/support/test-certificate.ts'
import { type Db, databaseLocation, migratable, openDatabase } from '../../database.ts'
import { migrateToLatest } from '../../migrate.ts'
import { DatabaseError } from '../database-error.ts'
import type { ServerLocation, TlsMode } from './server-location.ts'

/** In every password: no message may have it. */
const CANARY = 'canary'

interface Rig {
  readonly name: string
  readonly start: (folder: TempFolder) => Promise<void>
  readonly stop: () => Promise<unknown>
  readonly url: (database?: string) => string
  readonly setUp: readonly string[]
  readonly withoutTls: { readonly before: () => Promise<unknown>; readonly after: () => Promise<unknown> }
  readonly makeReadOnly: () => Promise<unknown>
}

let mariadb: MariadbServer
let postgres: PostgresServer

const RIGS: readonly Rig[] = [
  {
    name: 'MariaDB',
    start: async (folder) => {
      const cert = folder.write('cert.pem', TEST_CERTIFICATE.cert)
      const key = folder.write('key.pem', TEST_CERTIFICATE.key)
      // The server may run as somebody else than the test; this key protects nothing.
      chmodSync(folder.path, 0o755)
      for (const file of [cert, key]) chmodSync(file, 0o644)
      mariadb = await startMariadb({ args: [`--ssl-cert=${cert}`, `--ssl-key=${key}`] })
    },
    stop: () => mariadb.stop(),
    url: (database) => mariadb.url(database),
    setUp: [
      'create database house',
      `create user strict@'%' identified by '${CANARY}'`,
      'grant all on house.* to strict',
      `create user outsider@'%' identified by '${CANARY}'`,
      `create user few@'%' identified by '${CANARY}' with max_user_connections 1`,
      'grant all on house.* to few',
      `create user reader@'%' identified by '${CANARY}'`,
      'grant select on house.* to reader',
    ],
    withoutTls: {
      before: () => mariadb.query('set global require_secure_transport = on'),
      after: async () => {
        const { db, close } = open(mariadb.url('house'), { mode: 'require' })
        await sql`set global require_secure_transport = off`.execute(db)
        await close()
      },
    },
    makeReadOnly: () => mariadb.query('set global read_only = on'),
  },
  {
    name: 'PostgreSQL',
    start: async () => {
      postgres = await startPostgres()
    },
    stop: () => postgres.stop(),
    url: (database) => postgres.url(database),
    setUp: [
      'create database house',
      `create role strict login password '${CANARY}'`,
      `create role outsider login password '${CANARY}'`,
      'revoke connect on database house from public',
      `create role few login password '${CANARY}' connection limit 1`,
      `create role reader login password '${CANARY}'`,
      'grant connect on database house to strict, few, reader',
    ],
    withoutTls: { before: async () => undefined, after: async () => undefined },
    makeReadOnly: async () => {
      await postgres.term()
      writeFileSync(join(postgres.folder, 'data', 'standby.signal'), '')
      await postgres.restart()
    },
  },
]

interface Change {
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly mode?: TlsMode
  readonly ca?: string
}

function open(url: string, change: Change = {}): { readonly db: Db; readonly close: () => Promise<void> } {
  const { mode, ca, ...rest } = change
  const base = databaseLocation(url) as ServerLocation
  const tls = { ...base.tls, mode: mode ?? base.tls.mode, ca: ca ?? null }
  const db = openDatabase({ ...base, ...rest, tls, connectTimeoutMs: 1500 })
  return { db, close: () => db.destroy() }
}

async function failureOf(url: string, change: Change = {}): Promise<DatabaseError> {
  const { db, close } = open(url, change)
  try {
    const error: unknown = await sql`select 1`.execute(db).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (!(error instanceof DatabaseError)) throw new Error('No failure of the connection', { cause: error })
    expect(error.message + error.remedy).not.toContain(CANARY)
    expect([error.fault, error.remedy?.length ?? 0]).toEqual(['unavailable', expect.any(Number)])
    return error
  } finally {
    await close()
  }
}

/** PostgreSQL lets everybody in; here it asks some for a password and one for TLS. */
async function lockUpPostgres(): Promise<void> {
  const data = join(postgres.folder, 'data')
  const { uid, gid } = statSync(data)
  for (const [name, text] of [
    ['server.crt', TEST_CERTIFICATE.cert],
    ['server.key', TEST_CERTIFICATE.key],
  ] as const) {
    writeFileSync(join(data, name), text)
    chownSync(join(data, name), uid, gid)
    chmodSync(join(data, name), 0o600)
  }
  const rules = [
    'hostssl house strict 127.0.0.1/32 scram-sha-256',
    'host all few,reader,outsider 127.0.0.1/32 scram-sha-256',
    'host all nunchi 127.0.0.1/32 trust',
  ]
  writeFileSync(join(data, 'pg_hba.conf'), `${rules.join('\n')}\n`)
  await postgres.query('alter system set ssl = on')
  await postgres.query('select pg_reload_conf()')
}

for (const rig of RIGS) {
  describe(`a connection to ${rig.name} that fails says why and what helps`, () => {
    const folder = makeTempFolder('connect-fault')
    beforeAll(async () => {
      await rig.start(folder)
      const { db, close } = open(rig.url(rig.name === 'MariaDB' ? 'mysql' : 'postgres'))
      for (const statement of rig.setUp) await sql.raw(statement).execute(db)
      await close()
      if (rig.name === 'PostgreSQL') await lockUpPostgres()
    }, 90_000)
    afterAll(async () => {
      await rig.stop()
      folder.remove()
    })

    const asStrict = { user: 'strict', password: CANARY }

    test('the host has no address', async () => {
      const { message } = await failureOf(rig.url('house'), { host: 'nowhere.invalid' })
      expect(message).toBe("The name nowhere.invalid of the database's host leads to no address.")
    })

    test('nothing listens there', async () => {
      const port = await freePort()
      const { message, remedy } = await failureOf(rig.url('house'), { port })
      expect(message).toBe(`Nothing answers at 127.0.0.1:${port}, where the database should be.`)
      expect(remedy).toMatch(/^Start the database/)
    })

    test('something listens, but says nothing', async () => {
      const proxy = await TcpProxy.start(1)
      proxy.mode = 'half-open'
      const { message } = await failureOf(rig.url('house'), { port: proxy.port })
      expect(message).toBe(`The database at 127.0.0.1:${proxy.port} did not answer within 1500 ms.`)
      await proxy.close()
    })

    test('something listens, but hangs up', async () => {
      const proxy = await TcpProxy.start(1)
      proxy.mode = 'drop'
      expect((await failureOf(rig.url('house'), { port: proxy.port })).code).toBe('not-ready')
      await proxy.close()
    })

    test('the password is wrong', async () => {
      const { message } = await failureOf(rig.url('house'), { user: 'strict', password: `${CANARY}!` })
      expect(message).toMatch(/does not let the user strict in with this password/)
    })

    test('the password is missing', async () => {
      expect((await failureOf(rig.url('house'), { user: 'strict', password: '' })).code).toBe('wrong-login')
    })

    test('the database is not there', async () => {
      const { message, remedy } = await failureOf(rig.url('garage'))
      expect(message).toMatch(/^There is no database garage at 127\.0\.0\.1:\d+\.$/)
      expect(remedy).toMatch(/create database garage/)
    })

    test('the user may not use the database', async () => {
      const { message } = await failureOf(rig.url('house'), { user: 'outsider', password: CANARY })
      expect(message).toBe('The user outsider may not use the database house.')
    })

    test('there are too many connections', async () => {
      const few = { user: 'few', password: CANARY }
      const first = open(rig.url('house'), few)
      await sql`select 1`.execute(first.db)
      expect((await failureOf(rig.url('house'), few)).message).toMatch(/takes no more connections/)
      await first.close()
    })

    test('the certificate is not trusted, or is for another name', async () => {
      const stranger = await failureOf(rig.url('house'), { ...asStrict, mode: 'verify-full' })
      expect(stranger.message).toMatch(/certificate of the database at .* is not trusted/)
      expect(stranger.remedy).toMatch(/database\.tls\.ca/)
    })

    test('it takes only connections with TLS', async () => {
      await rig.withoutTls.before()
      const { code, remedy } = await failureOf(rig.url('house'), { ...asStrict, mode: 'off' })
      await rig.withoutTls.after()
      // MariaDB 10.11 gives a missing TLS the number and the words of a wrong password.
      expect(code).toBe(rig.name === 'MariaDB' ? 'wrong-login' : 'tls-required')
      expect(remedy).toMatch(/database\.tls\.mode/)
    })

    test('TLS is taken where it is offered, and checked where that is asked for', async () => {
      for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full'] as const) {
        const { db, close } = open(rig.url('house'), { ...asStrict, mode, ca: TEST_CERTIFICATE.cert })
        const { rows } = await sql
          .raw<{ cipher: string }>(
            rig.name === 'MariaDB'
              ? "select variable_value as cipher from information_schema.session_status where variable_name = 'Ssl_cipher'"
              : 'select cipher from pg_stat_ssl where pid = pg_backend_pid()',
          )
          .execute(db)
        expect([mode, rows[0]?.cipher]).toEqual([mode, expect.stringMatching(/^TLS_|^ECDHE/)])
        await close()
      }
    })

    test('the user may not make tables', async () => {
      const { db, close } = open(rig.url('house'), { user: 'reader', password: CANARY })
      const error: unknown = await migrateToLatest(migratable(db)).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(DatabaseError)
      expect((error as DatabaseError).remedy).toMatch(/Grant the user of Nunchi all privileges/)
      await close()
    })

    test('the server is a replica, or read-only', async () => {
      await rig.makeReadOnly()
      const { message, remedy } = await failureOf(rig.url('house'))
      expect(message).toMatch(/is read-only/)
      expect(remedy).toMatch(/Name the server that takes writes/)
    }, 60_000)
  })
}

test('a server that is too old is refused before anything is asked of it', async () => {
  await using old = await startMariadb({ args: ['--version=10.5.9-MariaDB'] })
  const { message, remedy } = await failureOf(old.url('mysql'))
  expect(message).toMatch(/is 10\.5\.9-MariaDB, which is too old/)
  expect(remedy).toMatch(/MariaDB 10\.6/)
}, 60_000)
