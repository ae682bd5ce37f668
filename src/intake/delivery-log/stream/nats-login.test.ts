import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deliveryOf, readAll } from '../../../../test/conformance/delivery-log.ts'
import { type NatsOptions, startNats } from '../../../../test/support/run-nats.ts'
import { freshStreamLocation, openStreamForTest, openStreamUnderTest } from '../../../../test/support/stream-log-rig.ts'
import { makeTempFolder } from '../../../../test/support/temp-folder.ts'
import { TEST_CERTIFICATE } from '../../../../test/support/test-certificate.ts'
import { LogUnavailableError } from '../delivery-log.ts'
import type { NatsLogin, StreamLocation } from './stream-location.ts'

const NOBODY: NatsLogin = { user: null, password: null, token: null, credentialsFile: null }
const NUNCHI: NatsLogin = { ...NOBODY, user: 'nunchi', password: 'correct horse' }

async function locationOn(options: NatsOptions, facts: Partial<StreamLocation>): Promise<StreamLocation> {
  const nats = await startNats(1, options)
  onTestFinished(async () => void (await nats.stop()))
  return freshStreamLocation(nats.servers, { stream: 'nunchi', ...facts })
}

async function expectWorking(location: StreamLocation): Promise<void> {
  const { log, readers } = await openStreamUnderTest(location)
  const heard: string[] = []
  readers.watch((partition) => heard.push(partition))
  const seq = await log.append(deliveryOf('body'))
  await log.append(deliveryOf(new Uint8Array(3_000_000).map((_, i) => (i * 7919) % 251)))
  expect((await log.get(seq))?.source).toBe('alertmanager')
  expect(await readAll(readers)).toHaveLength(2)
  expect(await log.list({ before: null, source: 'alertmanager', limit: 5 })).toHaveLength(2)
  expect((await log.stats()).deliveries).toBe(2)
  const keepFrom = new Map([[log.partitions[0] as string, seq + 1024]])
  expect(await log.trim({ receivedBefore: Number.MAX_SAFE_INTEGER, mostBytes: 0, keepFrom })).toBe(1)
  await expect.poll(() => heard.length).toBeGreaterThan(0)
}

async function failureOf(location: StreamLocation): Promise<string> {
  return await openStreamForTest(location).then(
    () => 'it opened',
    (error: Error) => `${error.name}: ${error.message}\n${String((error.cause as Error | undefined)?.message)}`,
  )
}

/** What docs/cluster.md tells to allow. */
const PERMISSIONS = {
  publish: [
    'nunchi.>',
    '$JS.API.STREAM.INFO.*',
    '$JS.API.STREAM.CREATE.*',
    '$JS.API.STREAM.PURGE.*',
    '$JS.API.STREAM.MSG.GET.*',
    '$JS.API.DIRECT.GET.*',
    '$JS.API.CONSUMER.CREATE.*',
    '$JS.API.CONSUMER.DELETE.*.*',
    '$JS.API.CONSUMER.MSG.NEXT.*.*',
  ],
  subscribe: ['_INBOX.>', 'nunchi.wake.*'],
}

function configWith(permissions: object): string {
  const user = { user: NUNCHI.user, password: NUNCHI.password, permissions }
  return JSON.stringify({ authorization: { users: [user] } })
}

describe('a login with', () => {
  test('a user that has no more than the permissions of the documentation suffices', async () => {
    await expectWorking(await locationOn({ config: configWith(PERMISSIONS) }, { login: NUNCHI }))
  })

  test('a wrong password is refused in words, and the password is in none of them', async () => {
    const login = { ...NUNCHI, password: 'battery staple' }
    const failure = await failureOf(await locationOn({ config: configWith(PERMISSIONS) }, { login }))
    expect(failure).toMatch(/LogUnavailableError: .*NATS refuses the login/)
    expect(failure).not.toMatch(/battery|staple|horse/)
  })

  test('a user that may not publish deliveries is told which subject at once, and the sender 503', async () => {
    const publish = PERMISSIONS.publish.filter((subject) => subject !== 'nunchi.>')
    const config = configWith({ ...PERMISSIONS, publish })
    const log = await openStreamForTest(await locationOn({ config }, { login: NUNCHI }))
    const before = performance.now()
    const failure = log.append(deliveryOf('body'))
    await expect(failure).rejects.toThrow(LogUnavailableError)
    await expect(failure).rejects.toThrow(/lacks a permission: .*nunchi\.0\.d\.alertmanager\.w/)
    expect(performance.now() - before).toBeLessThan(3000)
  })

  test('a user that may not make streams is told so', async () => {
    const publish = PERMISSIONS.publish.filter((subject) => !subject.includes('CREATE'))
    const config = configWith({ ...PERMISSIONS, publish })
    const location = await locationOn({ config }, { login: NUNCHI })
    const before = performance.now()
    expect(await failureOf(location)).toMatch(/lacks a permission: .*STREAM\.CREATE/)
    expect(performance.now() - before).toBeLessThan(3000)
  })

  test('a user that may not read says what is missing instead of reading nothing', async () => {
    const publish = PERMISSIONS.publish.filter((subject) => !subject.includes('MSG.NEXT'))
    const config = configWith({ ...PERMISSIONS, publish })
    const { log, readers } = await openStreamUnderTest(await locationOn({ config }, { login: NUNCHI }))
    await log.append(deliveryOf('body'))
    await expect(readAll(readers)).rejects.toThrow(/lacks a permission: .*MSG\.NEXT/)
  })

  test('a token suffices', async () => {
    const config = JSON.stringify({ authorization: { token: 'open sesame' } })
    await expectWorking(await locationOn({ config }, { login: { ...NOBODY, token: 'open sesame' } }))
  })

  test('a credentials file suffices, and one that is not there is named', async () => {
    const folder = makeTempFolder('nats-credentials')
    onTestFinished(() => folder.remove())
    const { config, credentials } = operatorMode()
    const credentialsFile = join(folder.path, 'nunchi.creds')
    const location = await locationOn({ config }, { login: { ...NOBODY, credentialsFile } })
    expect(await failureOf(location)).toMatch(/nunchi\.creds/)
    writeFileSync(credentialsFile, credentials)
    await expectWorking(location)
  })
})

describe('over TLS', () => {
  async function tlsLocation(facts: Partial<StreamLocation>): Promise<StreamLocation> {
    const folder = makeTempFolder('nats-tls')
    onTestFinished(() => folder.remove())
    const cert_file = folder.write('cert.pem', TEST_CERTIFICATE.cert)
    const key_file = folder.write('key.pem', TEST_CERTIFICATE.key)
    return await locationOn({ config: JSON.stringify({ tls: { cert_file, key_file } }) }, facts)
  }

  test('a server with a certificate of the named authority is taken', async () => {
    await expectWorking(await tlsLocation({ tls: { ca: TEST_CERTIFICATE.cert, cert: null, key: null } }))
  })

  test('a server with a certificate of nobody is refused', async () => {
    const failure = await failureOf(await tlsLocation({ tls: { ca: null, cert: null, key: null } }))
    expect(failure).toMatch(/no connection to NATS at 127\.0\.0\.1:\d+: .*certificate/)
  })
})

/** Keys and tokens of an operator, an account and a user of it, as `nsc` makes them. */
function operatorMode(): { readonly config: string; readonly credentials: string } {
  const [operator, account, system, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ]
  const none = { subs: -1, data: -1, payload: -1 }
  const limits = { ...none, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 }
  const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 }
  const operatorJwt = tokenOf(operator, operator, { type: 'operator', version: 2 })
  const accountJwt = tokenOf(operator, account, { type: 'account', version: 2, limits: { ...limits, ...jetStream } })
  const systemJwt = tokenOf(operator, system, { type: 'account', version: 2, limits })
  const userJwt = tokenOf(account, user, { type: 'user', version: 2, ...none })
  const seed = new TextDecoder().decode(user.getSeed())
  return {
    config: JSON.stringify({
      operator: operatorJwt,
      resolver: 'MEMORY',
      system_account: system.getPublicKey(),
      resolver_preload: { [account.getPublicKey()]: accountJwt, [system.getPublicKey()]: systemJwt },
    }),
    credentials: `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  }
}

function tokenOf(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, nats: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { jti: 'X', iat: 1, iss: issuer.getPublicKey(), name: 'x', sub: subject.getPublicKey(), nats }
  const text = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode(claims)}`
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`
}
