import { resolve } from 'node:path'
import { parseNatsUrl } from '../../intake/delivery-log/stream/parse-nats-url.ts'
import type { ParsedFile } from './config-schema.ts'
import type { DatabaseConfig, LogConfig } from './config-shape.ts'
import { isLoopback } from './is-loopback.ts'
import { Secret } from './secret.ts'

const REPLICAS = 3

/** The delivery log of checked settings: as it is told, or where the other settings suggest it. */
export function buildLog({ log, nats }: ParsedFile, database: DatabaseConfig, workingFolder: string): LogConfig {
  const suggested = nats.url !== undefined ? 'stream' : database.kind === 'sqlite' ? 'embedded' : 'database'
  const kind = log.kind ?? suggested
  if (kind === 'embedded') return { kind }
  if (kind === 'database') return { kind, partitions: log.partitions }
  const url = parseNatsUrl(nats.url?.reveal() ?? '')
  if (!url.ok) throw new Error(`NATS_URL ${url.problem}`)
  const { servers, user, password, token, isTls } = url.value
  const pathOf = (file: string | undefined): string | null => (file === undefined ? null : resolve(workingFolder, file))
  const files = { ca: pathOf(nats.tls.ca), cert: pathOf(nats.tls.cert), key: pathOf(nats.tls.key) }
  return {
    kind,
    servers,
    stream: log.stream,
    partitions: log.partitions,
    replicas: log.replicas ?? (servers.length >= REPLICAS ? REPLICAS : 1),
    user,
    password: password === null ? null : new Secret(password),
    token: token === null ? null : new Secret(token),
    credentials: pathOf(nats.credentials),
    tls: isTls || Object.values(files).some((file) => file !== null) ? files : null,
  }
}

/** What is possible, but hardly meant. */
export function logWarnings(
  { nats }: ParsedFile,
  log: LogConfig,
): readonly (readonly [applies: boolean, warning: string])[] {
  if (log.kind !== 'stream')
    return [[nats.url !== undefined, `NATS_URL is set, but not used: the delivery log is \`${log.kind}\`.`]]
  const hasLogin = log.password !== null || log.token !== null || log.credentials !== null
  const remote = log.servers.filter((server) => !isLoopback(server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')))
  return [
    [
      hasLogin && log.tls === null && remote.length > 0,
      `The way to NATS at ${remote.join(', ')} is not encrypted: whoever listens there reads the login and every alert. For TLS write \`tls://\`.`,
    ],
    [
      log.replicas === 1 && log.servers.length > 1,
      'The log has one copy although NATS has several servers (log.replicas is 1): the loss of the wrong one is the loss of the log.',
    ],
  ]
}
