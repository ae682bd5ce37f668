import { resolve } from 'node:path'
import type { SourcePolicy } from '../../incidents/working-set.ts'
import { buildDatabase, databaseWarnings } from './build-database.ts'
import { buildLog, logWarnings } from './build-log.ts'
import { toldOf } from './build-told.ts'
import { heartbeatOf, watchingOf } from './build-watching.ts'
import type { ParsedFile } from './config-schema.ts'
import { ADMIN_KEY_NAME, type ApiKeyConfig, type Config, type SourceConfig } from './config-shape.ts'
import { isLoopback } from './is-loopback.ts'
import { routingWarnings } from './routing-warnings.ts'
import type { Secret } from './secret.ts'
import { SOURCE_KINDS, type SourceKind } from './source-kinds.ts'
import { type ParsedSource, SOURCE } from './source-section.ts'

/** Makes the effective configuration of checked settings: defaults that need others are filled in, paths are absolute. */
export function buildConfig(
  parsed: ParsedFile,
  originByPath: ReadonlyMap<string, string>,
  workingFolder: string,
): { readonly config: Config; readonly warnings: readonly string[] } {
  const dataDir = resolve(workingFolder, parsed.dataDir)
  const { sources, dropped } = sourcesOf(parsed)
  const apiKeys = apiKeysOf(parsed)
  const hasCredential =
    apiKeys.length > 0 || sources.some(({ token }) => token !== null) || parsed.ingestToken !== undefined
  const database = buildDatabase(parsed.database, dataDir, workingFolder)
  const config: Config = {
    tenantId: parsed.tenant,
    environment: parsed.environment,
    logLevel: parsed.logLevel,
    host: parsed.host,
    port: parsed.port,
    isOpen: isLoopback(parsed.host) && !hasCredential,
    dataDir,
    database,
    log: buildLog(parsed, database, workingFolder),
    redis: { url: parsed.redis.url ?? null, keyPrefix: parsed.redis.keyPrefix },
    sources,
    apiKeys,
    publicUrl: parsed.publicUrl?.replace(/\/+$/, '') ?? null,
    people: parsed.people,
    ...toldOf(parsed),
    routes: parsed.routes,
    quietHours: parsed.quietHours,
    threads: threadsOf(parsed, dataDir, workingFolder),
    retention: {
      bodiesMs: parsed.retention.bodies,
      bodiesMaxBytes: parsed.retention.bodiesSize,
      eventsMs: parsed.retention.events,
    },
    intake: { maxBodyBytes: parsed.intake.maxBody },
    heartbeat: heartbeatOf(parsed),
    alertWaitMs: parsed.alertWait,
    crashAt: parsed.crashAt ?? null,
    origins: Object.fromEntries(originByPath),
  }
  return {
    config: deepFreeze(config),
    warnings: [...droppedWarning(dropped), ...warningsOf(parsed, config), ...routingWarnings(config)],
  }
}

function threadsOf({ threads }: ParsedFile, dataDir: string, workingFolder: string): Config['threads'] {
  if (threads.store !== 'file') return { store: threads.store }
  const path = threads.file === undefined ? resolve(dataDir, 'threads.json') : resolve(workingFolder, threads.file)
  return { store: 'file', path }
}

function apiKeysOf({ adminKey, apiKeys }: ParsedFile): readonly ApiKeyConfig[] {
  const admin = adminKey ? [{ name: ADMIN_KEY_NAME, key: adminKey, scopes: ['admin'] as const }] : []
  return [...admin, ...apiKeys]
}

/**
 * The declared sources, and one of each kind that nobody declared. Where strangers can reach the port, an
 * undeclared source without a token does not exist: somebody who declared sources did not mean it to be open.
 */
function sourcesOf(parsed: ParsedFile): { sources: readonly SourceConfig[]; dropped: readonly string[] } {
  const fallback = parsed.ingestToken ?? null
  const declared = parsed.sources.map((source) => sourceOf(source, fallback, parsed.environment, false))
  const missing = SOURCE_KINDS.filter(({ kind }) => !declared.some(({ name }) => name === kind))
  const mayBeOpen = isLoopback(parsed.host) || fallback !== null
  if (!mayBeOpen) return { sources: declared, dropped: missing.map(({ kind }) => kind) }
  const implicit = missing.map(({ kind }) =>
    sourceOf(SOURCE.parse({ name: kind, kind }), fallback, parsed.environment, true),
  )
  return { sources: [...declared, ...implicit], dropped: [] }
}

function sourceOf(
  source: ParsedSource,
  fallback: Secret | null,
  environment: string,
  isImplicit: boolean,
): SourceConfig {
  const kind = SOURCE_KINDS.find((candidate) => candidate.kind === source.kind) as SourceKind
  return {
    name: source.name,
    kind: source.kind,
    token: source.token ?? fallback,
    isImplicit,
    policy: policyOf(source, kind, environment),
    settings: source.settings,
    ...watchingOf(source),
  }
}

function policyOf(
  { correlation, lifecycle, recordRepeats }: ParsedSource,
  kind: SourceKind,
  environment: string,
): SourcePolicy {
  return {
    correlation: {
      fields: correlation.fields ?? kind.correlationDefaults,
      windowMs: correlation.window ?? null,
      environment,
    },
    lifecycle: {
      autoResolve: lifecycle.autoResolve,
      holdOffMs: lifecycle.holdOff,
      reopenWithinMs: lifecycle.reopenWithin,
      flapThreshold: lifecycle.flap.threshold,
      flapWindowMs: lifecycle.flap.window,
      flapHoldOffMs: lifecycle.flap.holdOff,
    },
    keepsEveryAlert: recordRepeats ?? kind.recordsRepeats,
  }
}

function droppedWarning(dropped: readonly string[]): readonly string[] {
  if (dropped.length === 0) return []
  const paths = dropped.map((kind) => `/webhook/${kind}`).join(', ')
  return [`${paths}: off, because no source of that name is declared and NUNCHI_INGEST_TOKEN is not set.`]
}

/** Shorter tokens can be guessed by a patient stranger. */
const SHORT_TOKEN = 16

function warningsOf(parsed: ParsedFile, config: Config): readonly string[] {
  const { redis, threads, ingestToken } = parsed
  const isReachable = !isLoopback(parsed.host)
  const open = config.sources.filter(({ token }) => token === null).map(({ name }) => name)
  const rules: readonly (readonly [boolean, string])[] = [
    [
      redis.url !== undefined && threads.store !== 'redis',
      'REDIS_URL is set, but not used: threads are kept elsewhere. For Redis, set THREAD_STORE=redis.',
    ],
    ...databaseWarnings(config.database),
    ...logWarnings(parsed, config.log),
    [
      threads.file !== undefined && threads.store !== 'file',
      'A thread file is named, but not used: threads are kept in the database. For the file, set THREAD_STORE=file.',
    ],
    ...unsharedThreadsWarning(config),
    [
      !config.isOpen && config.apiKeys.length === 0,
      'Credentials are configured, but no API key: the API refuses everybody until there is one. Set NUNCHI_API_KEY, or run `nunchi create-api-key`.',
    ],
    [
      !config.isOpen && open.length > 0,
      `Every program of this machine may send alerts to ${open.join(', ')}: no token. Set NUNCHI_INGEST_TOKEN to close that.`,
    ],
    [
      isReachable && ingestToken !== undefined && ingestToken.reveal().length < SHORT_TOKEN,
      `The ingest token is shorter than ${SHORT_TOKEN} characters and could be guessed. Better: \`openssl rand -hex 32\`.`,
    ],
  ]
  return rules.filter(([applies]) => applies).map(([, warning]) => warning)
}

/** One node may want the file all the same: who reads it may have no other way. */
function unsharedThreadsWarning({ threads, database }: Config): readonly (readonly [boolean, string])[] {
  if (threads.store !== 'file' || database.kind === 'sqlite') return []
  return [
    [
      true,
      `\`threads.store\` is \`file\`: threads are kept in ${threads.path} of this machine, while the database can serve several nodes, and each node would know its own threads only. With more than one node set THREAD_STORE to \`redis\` or \`database\` (the default).`,
    ],
  ]
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
