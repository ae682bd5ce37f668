import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/app/config.ts'
import { ROOT } from '../house/house-files.ts'
import { findBinary } from '../support/find-binary.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const DEPLOY = join(ROOT, 'deploy')
const COMPOSE = join(DEPLOY, 'compose')
const COMPOSE_FILES = readdirSync(COMPOSE).filter((file) => file.endsWith('.yaml'))

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: object
}

interface Composition {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

function composition(file: string): Composition {
  return parse(readFileSync(join(COMPOSE, file), 'utf8'), { merge: true }) as Composition
}

/** As `docker compose` fills in `${NAME}`, `${NAME:?why}` and `${NAME:-default}`. */
function filledIn(text: string): string {
  return text.replace(/\$\{(\w+)(?::([?-])([^}]*))?\}/g, (_, name: string, kind: string, rest: string) =>
    kind === '-' ? rest : `${name.toLowerCase()}-0123456789abcdef0123456789abcdef`,
  )
}

/** There is no container engine where these tests run: the files are read as it would read them, and its programs are asked. */
describe.each(COMPOSE_FILES)('deploy/compose/%s', (file) => {
  const { services, volumes } = composition(file)
  const nodes = Object.entries(services).filter(([name]) => name.startsWith('nunchi-'))

  test('gives every node settings that Nunchi understands', () => {
    expect(nodes.length).toBeGreaterThan(1)
    for (const [, { environment = {} }] of nodes) {
      const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, filledIn(value)]))
      const read = readConfig({ env: { HOST: '0.0.0.0', ...env }, readFile: () => '' })
      expect(read).toMatchObject({ ok: true })
      // Between containers of one host nobody listens in.
      expect(read.warnings.filter((warning) => !warning.includes('not encrypted'))).toEqual([])
    }
  })

  test('says in example.env everything that has to be filled in', () => {
    const asked = [...readFileSync(join(COMPOSE, file), 'utf8').matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name)
    const told = readFileSync(join(COMPOSE, 'example.env'), 'utf8')
    for (const name of asked) expect(told).toMatch(new RegExp(`^${name}=`, 'm'))
  })

  test('names only files, volumes and services that are there', () => {
    for (const { volumes: mounts = [], depends_on: needed = [], build } of Object.values(services)) {
      if (build !== undefined) expect(existsSync(resolve(COMPOSE, build.context, build.dockerfile))).toBe(true)
      for (const mount of mounts) {
        const from = mount.split(':')[0] as string
        if (from.startsWith('.')) expect(existsSync(resolve(COMPOSE, from)), from).toBe(true)
        else expect(Object.keys(volumes)).toContain(from)
      }
      for (const name of Array.isArray(needed) ? needed : Object.keys(needed)) expect(services).toHaveProperty(name)
    }
  })

  test('waits for the health of what says how it is', () => {
    for (const [, { depends_on: needed }] of nodes)
      for (const [name, { condition }] of Object.entries(needed as Exclude<typeof needed, readonly string[]> & object))
        expect(condition).toBe(services[name]?.healthcheck ? 'service_healthy' : 'service_started')
  })

  test('puts every node behind the load balancer', () => {
    const { environment = {} } = services['haproxy'] as Service
    const behind = Object.entries(environment).flatMap(([key, value]) => (key.startsWith('NUNCHI_NODE') ? [value] : []))
    expect(behind).toEqual(nodes.map(([name]) => `${name}:9009`))
  })
})

describe('deploy/container/Dockerfile', () => {
  const text = readFileSync(join(DEPLOY, 'container', 'Dockerfile'), 'utf8')
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

  test('takes the runtime that the product is tested with', () => {
    const images = [...text.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version)
    expect(images).toEqual([manifest.devDependencies.node, manifest.devDependencies.node])
  })

  test('carries the bundle and starts it as nobody in particular', () => {
    expect(text).toContain(`/source/${manifest.bin.nunchi} `)
    expect(text).toMatch(/^USER nunchi$/m)
    expect(text).toMatch(/^CMD \["serve"\]$/m)
  })
})

test.each([2, 3])('HAProxy takes the example for %i nodes', (count) => {
  const nodes = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`NUNCHI_NODE${i + 1}`, `127.0.0.1:${i + 1}`]),
  )
  const { status, stderr } = spawnSync(
    findBinary('haproxy', '/usr/sbin/haproxy'),
    ['-c', '-dW', '-f', join(DEPLOY, 'haproxy', 'haproxy.cfg')],
    { env: { NUNCHI_BIND: '127.0.0.1:19009', ...nodes }, encoding: 'utf8' },
  )
  expect(stderr).not.toMatch(/WARNING|ALERT/)
  expect(status).toBe(0)
})

test('HAProxy takes the example for a Galera cluster', () => {
  const members = Object.fromEntries(
    [1, 2, 3].flatMap((n) => [
      [`NUNCHI_DB_MEMBER${n}`, `127.0.0.1:${n}`],
      [`NUNCHI_DB_CHECK${n}`, '9200'],
    ]),
  )
  const { status, stderr } = spawnSync(
    findBinary('haproxy', '/usr/sbin/haproxy'),
    ['-c', '-dW', '-f', join(DEPLOY, 'haproxy', 'galera.cfg')],
    { env: { NUNCHI_DB_BIND: '127.0.0.1:13306', ...members }, encoding: 'utf8' },
  )
  expect(stderr).not.toMatch(/WARNING|ALERT/)
  expect(status).toBe(0)
})

test('NATS takes the example, NATS 2.9 without what it says that 2.9 does not know', () => {
  using folder = makeTempFolder('nats-example')
  const example = readFileSync(join(DEPLOY, 'nats', 'nats.conf'), 'utf8')
  const server = findBinary('nats-server', '/usr/sbin/nats-server')
  const isOld = / v2\.9\./.test(spawnSync(server, ['--version'], { encoding: 'utf8' }).stdout)
  const config = folder.write('nats.conf', isOld ? example.replace(/^ *sync_interval:.*$/m, '') : example)
  expect(example).toMatch(/^ *sync_interval: always$/m)
  const { status, stderr } = spawnSync(server, ['-t', '-c', config], {
    env: { NATS_NAME: 'nats-1', NATS_STORE: '/tmp', NATS_PASSWORD: 'secret' },
    encoding: 'utf8',
  })
  expect(stderr).toContain('is valid')
  expect(status).toBe(0)
})
