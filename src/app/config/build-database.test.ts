import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { locateDatabase } from '../locate-database.ts'
import { describeConfig } from './describe-config.ts'

function read(env: Record<string, string>, yaml?: string) {
  const file = yaml === undefined ? {} : { NUNCHI_CONFIG: 'nunchi.yaml' }
  return readConfig({ env: { ...env, ...file }, readFile: () => yaml ?? '', workingFolder: '/srv' })
}

function configOf(env: Record<string, string>, yaml?: string) {
  const found = read(env, yaml)
  if (!found.ok) throw new Error(JSON.stringify(found.problems))
  return found.config
}

const OFF = { mode: 'prefer', ca: null, cert: null, key: null }

describe('the variables of a MySQL installation', () => {
  test('lead to it, and what is not said is as it always was', () => {
    const { database } = configOf({ DB_PASSWORD: 'canary' })
    expect(locateDatabase(database)).toEqual({
      kind: 'mysql',
      host: 'mysql',
      port: 3306,
      user: 'observer',
      password: 'canary',
      database: 'observer',
      tls: OFF,
      poolSize: 10,
      connectTimeoutMs: 2000,
      statementTimeoutMs: 5000,
    })
    const all = { DB_HOST: 'db', DB_PORT: '3307', DB_USER: 'u', DB_PASSWORD: 'canary', DB_NAME: 'n' }
    expect(configOf(all).database).toMatchObject({ host: 'db', port: 3307, user: 'u', database: 'n' })
  })

  test('the port alone says nothing, because Kubernetes sets it for a service named db', () => {
    expect(configOf({ DB_PORT: 'tcp://10.0.0.1:3306' }).database.kind).toBe('sqlite')
    expect(configOf({ DB_PORT: 'tcp://10.0.0.1:3306', DB_HOST: 'db' }).database).toMatchObject({ port: 3306 })
  })
})

describe('a URL', () => {
  for (const [url, expected] of [
    ['mysql://u:canary@h/n', { kind: 'mysql', host: 'h', port: 3306, user: 'u', database: 'n' }],
    ['mariadb://u@h:3307/n', { kind: 'mysql', port: 3307 }],
    ['postgres://u:canary@[::1]/n', { kind: 'postgres', host: '::1', port: 5432 }],
    ['postgresql://a%40b:c%2Fd%25canary@h/n-1', { kind: 'postgres', user: 'a@b', database: 'n-1' }],
    ['postgres://u@h/n?sslmode=require', { tls: { ...OFF, mode: 'require' } }],
    [
      'postgres://u@h/n?sslmode=verify-ca&sslrootcert=ca.pem',
      { tls: { ...OFF, mode: 'verify-ca', ca: '/srv/ca.pem' } },
    ],
    ['mysql://u@h/n?ssl-mode=VERIFY_IDENTITY', { tls: { ...OFF, mode: 'verify-full' } }],
    ['mysql://u@h/n?ssl-ca=/etc/ca.pem', { tls: { ...OFF, mode: 'verify-full', ca: '/etc/ca.pem' } }],
    ['mysql://u@h/n?ssl=false&pool_size=3&charset=utf8mb4', { tls: { ...OFF, mode: 'off' }, poolSize: 3 }],
  ] as const) {
    test(`${url.replace(/:[^@/]*@/, ':…@')} is read`, () => {
      expect(configOf({ DATABASE_URL: url }).database).toMatchObject(expected)
    })
  }

  test('in a file of its own keeps the password out of the environment', () => {
    const found = readConfig({
      env: { DATABASE_URL_FILE: '/run/secrets/url' },
      readFile: () => 'postgres://u:canary@h/n\n',
      workingFolder: '/srv',
    })
    expect(found.ok && locateDatabase(found.config.database)).toMatchObject({ host: 'h', password: 'canary' })
  })
})

test('the file sets limits and TLS, and the environment wins over it', () => {
  const yaml = `database:
  url: postgres://u:canary@h/n
  poolSize: 4
  connectTimeout: 500ms
  statementTimeout: 1m
  tls: { mode: verify-full, ca: /ca.pem, cert: /c.pem, key: /k.pem }
`
  expect(configOf({}, yaml).database).toMatchObject({
    poolSize: 4,
    connectTimeoutMs: 500,
    statementTimeoutMs: 60_000,
    tls: { mode: 'verify-full', ca: '/ca.pem', cert: '/c.pem', key: '/k.pem' },
  })
  const env = { DATABASE_POOL_SIZE: '7', DATABASE_STATEMENT_TIMEOUT: '3s', DATABASE_TLS_MODE: 'REQUIRE' }
  expect(configOf(env, yaml).database).toMatchObject({
    poolSize: 7,
    statementTimeoutMs: 3000,
    tls: { mode: 'require' },
  })
})

test('no description, print or log of a configuration shows the password', () => {
  for (const env of [{ DATABASE_URL: 'mysql://u:canary@h/n' }, { DB_HOST: 'h', DB_PASSWORD: 'canary' }] as const) {
    const config = configOf(env)
    const shown = [describeConfig(config), JSON.stringify(config), inspect(config, { depth: 9 })].join('\n')
    expect(shown).not.toContain('canary')
    expect(describeConfig(config)).toMatch(/<secret>/)
  }
  expect(describeConfig(configOf({ DATABASE_URL: 'mysql://u:canary@h/n' }))).toContain(
    'url: "mysql://u:<secret>@h:3306/n"',
  )
})

test('a password that travels in the clear is warned of, but not on this machine', () => {
  const warningsOf = (url: string) => read({ DATABASE_URL: url }).warnings.join('\n')
  expect(warningsOf('mysql://u:canary@db.example.com/n?sslmode=disable')).toMatch(/db\.example\.com is not encrypted/)
  expect(warningsOf('mysql://u:canary@127.0.0.1/n?sslmode=disable')).not.toMatch(/not encrypted/)
})

test('a certificate that cannot be read is told with its setting', () => {
  const { database } = configOf({ DATABASE_URL: 'mysql://u@h/n', DATABASE_TLS_CA: '/nowhere/ca.pem' })
  expect(() => locateDatabase(database)).toThrow('database.tls.ca names /nowhere/ca.pem, which does not exist.')
})
