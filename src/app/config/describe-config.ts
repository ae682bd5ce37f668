import type { StormPolicy } from '../../notify/channel.ts'
import { DEFAULT_WORKSPACE } from './build-told.ts'
import { heartbeatInFormOfFile, watchingInFormOfFile } from './build-watching.ts'
import { channelKindOf } from './channel-kinds.ts'
import { ADMIN_KEY_NAME, type Config, type SourceConfig } from './config-shape.ts'
import { formatDuration, formatSize } from './parse-units.ts'
import { type Path, pathText } from './schema-paths.ts'
import { Secret } from './secret.ts'

const ORIGIN_COLUMN = 44

/**
 * The effective configuration in the form of the file, each value with where it came from. Secrets are
 * `<secret>`; what says nothing is left out.
 */
export function describeConfig(config: Config): string {
  const lines: string[] = []
  for (const [key, value] of Object.entries(inFormOfFile(config))) describe(lines, value, [key], config.origins)
  return lines.join('\n')
}

type Described = string | number | boolean | null | Secret | readonly string[] | readonly object[] | object

function inFormOfFile(config: Config): Readonly<Record<string, Described>> {
  const { slack, retention, threads, redis } = config
  const admin = config.apiKeys.find(({ name }) => name === ADMIN_KEY_NAME)
  return {
    host: config.host,
    port: config.port,
    dataDir: config.dataDir,
    environment: config.environment,
    logLevel: config.logLevel,
    tenant: config.tenantId,
    adminKey: admin?.key ?? null,
    apiKeys: config.apiKeys.filter((key) => key !== admin).map(({ name, key, scopes }) => ({ name, key, scopes })),
    people: config.people.map(({ name, email, role }) => ({ name, email, role })),
    sources: config.sources.map(sourceInFormOfFile),
    publicUrl: config.publicUrl,
    slack: slackInFormOfFile(slack),
    workspaces: config.workspaces.filter(({ name }) => name !== DEFAULT_WORKSPACE),
    channels: config.channels.filter(({ isImplicit }) => !isImplicit).map(channelInFormOfFile),
    defaultChannel: config.defaultChannel,
    routes: config.routes,
    quietHours: config.quietHours,
    threads: { store: threads.store, file: threads.store === 'file' ? threads.path : null },
    retention: {
      bodies: formatDuration(retention.bodiesMs),
      bodiesSize: formatSize(retention.bodiesMaxBytes),
      events: formatDuration(retention.eventsMs),
    },
    intake: { maxBody: formatSize(config.intake.maxBodyBytes) },
    heartbeat: heartbeatInFormOfFile(config.heartbeat),
    alertWait: formatDuration(config.alertWaitMs),
    database: databaseInFormOfFile(config),
    redis: { url: redis.url, keyPrefix: redis.keyPrefix },
    ...logInFormOfFile(config.log),
    crashAt: config.crashAt,
  }
}

function databaseInFormOfFile({ database, origins }: Config): object {
  if (database.kind === 'sqlite') return { url: `sqlite:${database.path}` }
  const { kind, host, port, user, password, database: name, tls, poolSize } = database
  const hasPassword = password.reveal() !== ''
  const login = hasPassword ? `${user}:${password}` : user
  const url = `${kind}://${login}@${host.includes(':') ? `[${host}]` : host}:${port}/${name}`
  return {
    ...(origins['database.url'] ? { url } : { host, port, user, password: hasPassword ? password : null, name }),
    tls,
    poolSize,
    connectTimeout: formatDuration(database.connectTimeoutMs),
    statementTimeout: formatDuration(database.statementTimeoutMs),
  }
}

function logInFormOfFile(log: Config['log']): object {
  if (log.kind === 'embedded') return { log }
  if (log.kind === 'database') return { log }
  const { kind, stream, partitions, replicas, servers, user, password, token, credentials, tls } = log
  const login = token === null ? (user === null ? '' : `${user}:${password}@`) : `${token}@`
  const url = servers.map((server) => `${tls === null ? 'nats' : 'tls'}://${login}${server}`).join(',')
  return { log: { kind, partitions, replicas, stream }, nats: { url, credentials, tls } }
}

function slackInFormOfFile({ storm, ...slack }: Config['slack']): object {
  return { ...slack, storm: stormInFormOfFile(storm) }
}

function channelInFormOfFile({ id, kind, mentions, storm, settings }: Config['channels'][number]): object {
  const written = channelKindOf(kind).asWritten?.(settings as never) ?? settings
  return { id, kind, mentions, storm: stormInFormOfFile(storm), settings: written }
}

function stormInFormOfFile(storm: StormPolicy | null): object {
  if (storm === null) return { newIncidents: 0 }
  const { newIncidents, perMs, quietMs } = storm
  return { newIncidents, per: formatDuration(perMs), quiet: formatDuration(quietMs) }
}

function sourceInFormOfFile(source: SourceConfig): object {
  const { name, kind, token, policy, settings } = source
  const { correlation, lifecycle } = policy
  return {
    name,
    kind,
    token,
    correlation: {
      fields: correlation.fields,
      window: correlation.windowMs === null ? null : formatDuration(correlation.windowMs),
    },
    lifecycle: {
      autoResolve: lifecycle.autoResolve,
      holdOff: formatDuration(lifecycle.holdOffMs),
      reopenWithin: formatDuration(lifecycle.reopenWithinMs),
      flap: {
        threshold: lifecycle.flapThreshold,
        window: formatDuration(lifecycle.flapWindowMs),
        holdOff: formatDuration(lifecycle.flapHoldOffMs),
      },
    },
    recordRepeats: policy.keepsEveryAlert,
    ...watchingInFormOfFile(source),
    settings,
  }
}

type Origins = Config['origins']

function describe(lines: string[], value: unknown, path: Path, origins: Origins): void {
  const indent = '  '.repeat(depthOf(path))
  const key = `${indent}${path.at(-1)}:`
  if (value === null || value === undefined) return
  if (Array.isArray(value) && value.some((entry) => typeof entry === 'object')) {
    lines.push(key)
    value.forEach((entry, index) => void describeEntry(lines, entry as object, [...path, index], origins))
  } else if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Secret)) {
    const below: string[] = []
    for (const [name, child] of Object.entries(value)) describe(below, child, [...path, name], origins)
    if (below.length > 0) lines.push(key, ...below)
  } else if (!Array.isArray(value) || value.length > 0) {
    lines.push(`${`${key} ${shown(value)}`.padEnd(ORIGIN_COLUMN)} # ${originOf(path, origins)}`)
  }
}

function describeEntry(lines: string[], entry: object, path: Path, origins: Origins): void {
  const below: string[] = []
  for (const [name, child] of Object.entries(entry)) describe(below, child, [...path, name], origins)
  const indent = '  '.repeat(depthOf(path))
  lines.push(...below.map((line, index) => (index === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line)))
}

/** An entry of a list is indented once for its dash. */
function depthOf(path: Path): number {
  return path.length - 1
}

function shown(value: unknown): string {
  if (value instanceof Secret) return String(value)
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  const text = String(value)
  const isPlain = typeof value !== 'string' || /^[A-Za-z0-9./][\w./:@+-]*$/.test(text)
  return isPlain ? text : JSON.stringify(text)
}

function originOf(path: Path, origins: Origins): string {
  const own = origins[pathText(path)] ?? origins[pathText([...path, 0])]
  if (own !== undefined) return own
  const isSourceToken = path[0] === 'sources' && path.at(-1) === 'token'
  return isSourceToken && origins.ingestToken !== undefined ? origins.ingestToken : 'default'
}
