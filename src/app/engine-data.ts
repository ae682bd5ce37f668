import type { NodeIdentity } from '../cluster/node-repository.ts'
import type { LifecyclePolicy } from '../domain/incident-lifecycle.ts'
import type { MemberRights } from '../domain/person.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import type { LogLocation } from '../intake/delivery-log/log-location.ts'
import type { StormPolicy } from '../notify/channel.ts'
import type { MentionRules } from '../notify/mention-rules.ts'
import type { QuietHoursSpec, RouteSpec } from '../notify/route-spec.ts'
import type { DatabaseLocation } from '../store/database.ts'
import { channelKindOf } from './config/channel-kinds.ts'
import type { ChannelConfig, Config } from './config/config-shape.ts'
import { inTheClear } from './config/in-the-clear.ts'
import { mentionRulesOf, quietHoursOf, routeTreeOf } from './config/route-specs.ts'
import { ownSourceData } from './own-source-data.ts'
import { type SlackWorkspace, slackWorkspacesOf } from './slack-workspaces.ts'

/** A channel as it is made: settings of its kind, with its id among them, secrets in the clear. */
export interface ChannelData {
  readonly id: string
  readonly kind: string
  /** When it tells many incidents in one message; null = never. */
  readonly storm: StormPolicy | null
  readonly settings: object
}

/** Who hears of an incident, whom it calls, and when it waits. */
export interface RoutingData {
  readonly root: RouteSpec
  readonly quietHours: readonly QuietHoursSpec[]
  /** Whom each channel calls where no route says it; every channel is here. */
  readonly mentions: Readonly<Record<string, MentionRules>>
  /** The channels whose messages follow their incident. */
  readonly live: readonly string[]
}

/** Where the threads of thread keys are remembered. */
export type ThreadsData =
  | { readonly store: 'database' }
  | { readonly store: 'file'; readonly path: string }
  | { readonly store: 'redis'; readonly url: string; readonly keyPrefix: string }

/** As system 2 has it. */
const DEFAULT_REDIS = 'redis://127.0.0.1:6379/0'

/** What the engine's thread is started with: plain data, because it crosses a thread boundary. Holds secrets; never log it. */
export interface EngineData {
  readonly database: DatabaseLocation
  readonly log: LogLocation
  /** What this node says of itself to the others; null where the storage belongs to one process. */
  readonly node: NodeIdentity | null
  readonly tenantId: string
  readonly environment: string
  readonly sources: readonly {
    readonly name: string
    readonly kind: string
    readonly policy: SourcePolicy
    readonly settings: unknown
    /** By what labels its watchdog is known; null or absent = it has none. */
    readonly watchdog?: readonly string[] | null
  }[]
  readonly channels: readonly ChannelData[]
  readonly routing: RoutingData
  readonly publicUrl: string | null
  /** What people in Slack can ask for, and who they are. */
  readonly slackDesk: {
    readonly workspaces: readonly SlackWorkspace[]
    readonly members: MemberRights
    /** Where an incident can be moved to, and what people call it. */
    readonly channels: readonly { readonly id: string; readonly label: string }[]
  }
  readonly threads: ThreadsData
  readonly retention: Config['retention']
  readonly crashAt: string | null
  readonly logLevel: Config['logLevel']
}

/** Draws from the configuration what the engine of a node that is alone needs, secrets in the clear. */
export function engineDataOf(config: Config, database: DatabaseLocation, log: LogLocation): EngineData {
  return {
    database,
    log,
    node: null,
    tenantId: config.tenantId,
    environment: config.environment,
    sources: [...config.sources.map(sourceDataOf), ownSourceData(config.environment)],
    channels: config.channels.map((channel) => channelDataOf(channel, config)),
    routing: routingDataOf(config),
    publicUrl: config.publicUrl,
    slackDesk: {
      workspaces: slackWorkspacesOf(config),
      members: config.slack.members,
      channels: config.channels.map(({ id, label }) => ({ id, label })),
    },
    threads: threadsDataOf(config),
    retention: config.retention,
    crashAt: config.crashAt,
    logLevel: config.logLevel,
  }
}

function threadsDataOf({ threads, redis }: Config): ThreadsData {
  if (threads.store !== 'redis') return threads as ThreadsData
  return { store: 'redis', url: redis.url?.reveal() ?? DEFAULT_REDIS, keyPrefix: redis.keyPrefix }
}

function sourceDataOf({
  name,
  kind,
  policy,
  settings,
  watchdog,
}: Config['sources'][number]): EngineData['sources'][number] {
  return { name, kind, policy: plainPolicy(policy), settings, watchdog: watchdog?.match ?? null }
}

/** Draws the routing from the configuration; for those who explain it without an engine as well. */
export function routingDataOf(config: Config): RoutingData {
  return {
    root: routeTreeOf(config),
    quietHours: quietHoursOf(config),
    mentions: Object.fromEntries(config.channels.map(({ id, mentions }) => [id, mentionRulesOf(mentions)])),
    live: config.channels.filter((channel) => isLive(channel, config)).map(({ id }) => id),
  }
}

function isLive({ kind, settings }: ChannelConfig, config: Config): boolean {
  return channelKindOf(kind).isLive?.(settings as never, config) === true
}

function channelDataOf({ id, kind, storm, settings }: ChannelConfig, config: Config): ChannelData {
  const completed = channelKindOf(kind).complete?.(settings as never, config) ?? settings
  return { id, kind, storm, settings: { id, ...(inTheClear(completed) as object) } }
}

function plainPolicy(policy: SourcePolicy): SourcePolicy {
  const lifecycle: LifecyclePolicy = { ...policy.lifecycle }
  return {
    correlation: { ...policy.correlation, fields: [...policy.correlation.fields] },
    lifecycle,
    keepsEveryAlert: policy.keepsEveryAlert,
  }
}
