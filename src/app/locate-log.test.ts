import { expect, test } from 'vitest'
import { describeConfig } from './config/describe-config.ts'
import { readConfig } from './config.ts'
import { locateLog } from './locate-log.ts'

const CLUSTER = 'nats://nunchi:s%40cret@nats-1,nats://nunchi:s%40cret@nats-2:4333,nats://nunchi:s%40cret@nats-3'

function configOf(env: Record<string, string>) {
  const result = readConfig({ env, workingFolder: '/srv' })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

function problemsOf(env: Record<string, string>): string {
  const result = readConfig({ env, workingFolder: '/srv' })
  return result.ok ? 'none' : result.problems.map(({ path, problem }) => `${path} ${problem}`).join('\n')
}

test('where nobody says it, the log is a file beside SQLite, tables of a database server, or streams where NATS is', () => {
  expect(locateLog(configOf({}))).toEqual({ kind: 'embedded', path: '/srv/data/deliveries.db' })
  const server = { DATABASE_URL: 'postgres://u:p@127.0.0.1/nunchi' }
  expect(locateLog(configOf(server))).toEqual({ kind: 'database', partitions: 8 })
  expect(locateLog(configOf({ ...server, NATS_URL: 'nats://127.0.0.1' }))).toMatchObject({ kind: 'stream' })
  expect(locateLog(configOf({ ...server, NUNCHI_LOG: 'embedded' }))).toMatchObject({ kind: 'embedded' })
})

test('an address of three servers means three copies, the login of the address, and TLS only where it says so', () => {
  expect(locateLog(configOf({ NATS_URL: CLUSTER }))).toEqual({
    kind: 'stream',
    servers: ['nats-1:4222', 'nats-2:4333', 'nats-3:4222'],
    stream: 'nunchi',
    partitions: 8,
    replicas: 3,
    login: { user: 'nunchi', password: 's@cret', token: null, credentialsFile: null },
    tls: null,
  })
  expect(locateLog(configOf({ NATS_URL: 'tls://t0ken@nats' }))).toMatchObject({
    replicas: 1,
    login: { user: null, password: null, token: 't0ken' },
    tls: { ca: null, cert: null, key: null },
  })
})

test('what is shown of the log and of NATS holds no secret', () => {
  for (const url of [CLUSTER, 'tls://s%40cret@nats']) {
    const shown = JSON.stringify(describeConfig(configOf({ NATS_URL: url })))
    expect(shown).toMatch(/<secret>/)
    expect(shown).not.toMatch(/s@cret|s%40cret/)
  }
})

test('mistakes are told with the setting that has them, and without the address', () => {
  expect(problemsOf({ NUNCHI_LOG: 'stream' })).toMatch(/^NATS_URL is missing/)
  expect(problemsOf({ NATS_URL: 'http://u:s3cret@nats' })).toMatch(
    /^NATS_URL begins with none of `nats:\/\/`, `tls:\/\/`$/,
  )
  expect(problemsOf({ NATS_URL: 'nats://u:s3cret/x@nats' })).toBe('NATS_URL is no whole address')
  expect(problemsOf({ NATS_URL: 'nats://u:s3cret@a,nats://v:s3cret@b' })).toBe('NATS_URL holds more than one login')
  expect(problemsOf({ NATS_URL: 'nats://u:100%@a' })).toBe('NATS_URL has a `%` that begins no sign')
  expect(problemsOf({ NATS_URL: 'nats://a', NATS_TLS_CERT: '/c.pem' })).toMatch(/^nats\.tls\.key is missing/)
  expect(problemsOf({ NATS_URL: 'nats://u:p@a', NATS_CREDENTIALS: '/c' })).toMatch(
    /^NATS_CREDENTIALS is set beside the login/,
  )
  expect(problemsOf({ NUNCHI_LOG_STREAM: 'a.b' })).toMatch(/^NUNCHI_LOG_STREAM/)
})

test('a certificate that cannot be read is named with its setting', () => {
  const config = configOf({ NATS_URL: 'tls://nats', NATS_TLS_CA: 'missing/ca.pem' })
  expect(() => locateLog(config)).toThrow('nats.tls.ca names /srv/missing/ca.pem')
})
