import type { Scope } from '../../domain/actor.ts'
import type { MemberRights, Person } from '../../domain/person.ts'
import type { SourcePolicy } from '../../incidents/working-set.ts'
import type { StormPolicy } from '../../notify/channel.ts'
import type { TemplateOptions } from '../../notify/channels/slack/templates/template-options.ts'
import type { ServerLocation, TlsMode } from '../../store/dialects/server/server-location.ts'
import type { MentionTexts } from './mention-setting.ts'
import type { ParsedQuietHours } from './quiet-hours-section.ts'
import type { ParsedRoute } from './route-section.ts'
import type { Secret } from './secret.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A source of alerts, complete: what the file and the environment left open is filled with the defaults of its kind. */
export interface SourceConfig {
  readonly name: string
  readonly kind: string
  /** What senders present; null only on a loopback address. */
  readonly token: Secret | null
  /** True when nobody declared it: it exists so that `/webhook/<kind>` works without configuration. */
  readonly isImplicit: boolean
  readonly policy: SourcePolicy
  /** Checked by the settings schema of its kind. */
  readonly settings: unknown
  /** How its sender is asked what fires; null = never. */
  readonly reconcile: ReconcileConfig | null
  /** The alert that always fires; null = there is none. */
  readonly watchdog: { readonly match: readonly string[]; readonly afterMs: number } | null
  /** It is missed when nothing came for so long; null = never. */
  readonly silentAfterMs: number | null
}

/** What holds for the addresses of servers that are asked. */
export interface AddressRules {
  /** A file of certificates in PEM; null = those that Node trusts. */
  readonly ca: string | null
  readonly allowPrivateAddresses: boolean
  readonly allowUnencrypted: boolean
}

export interface ReconcileConfig extends AddressRules {
  /** At least one. */
  readonly urls: readonly string[]
  readonly token: Secret | null
  readonly login: { readonly username: string; readonly password: Secret } | null
  readonly everyMs: number
  readonly timeoutMs: number
  readonly missingForMs: number
  readonly settleMs: number
  readonly healsMissing: boolean
  /** Null: those that deliveries have named. */
  readonly receivers: readonly string[] | null
}

export interface HeartbeatConfig extends AddressRules {
  readonly url: Secret
  readonly method: 'GET' | 'POST'
  readonly everyMs: number
  readonly timeoutMs: number
}

/** A key that comes from the configuration; those made by `create-api-key` live in the database. */
export interface ApiKeyConfig {
  readonly name: string
  readonly key: Secret
  readonly scopes: readonly Scope[]
}

/** The name under which `adminKey` appears beside what was done with it. */
export const ADMIN_KEY_NAME = 'admin-key'

/** The short form of Slack, as it is written. */
export interface SlackConfig {
  readonly botToken: Secret | null
  /** Null: the bot posts only where `channels` says. */
  readonly channel: string | null
  /** The simple way: an incoming webhook, which has no threads. */
  readonly webhookUrl: Secret | null
  readonly apiUrl: string
  readonly signingSecret: Secret | null
  readonly appToken: Secret | null
  /** What a member of the workspace may do who is not among `people`. */
  readonly members: MemberRights
  /** How messages look, where a channel says nothing else. */
  readonly template: TemplateOptions['preset']
  readonly language: TemplateOptions['language']
  /** Null: that of the template for times in messages, and UTC for hours. */
  readonly timeZone: string | null
  /** Null: that of the template. */
  readonly titlePrefix: string | null
  readonly footer: string | null
  readonly mentions: MentionTexts
  /** Messages a second to one channel in the long run, and how many at once. */
  readonly postsPerSecond: number
  readonly burst: number
  readonly editsPerMinute: number
  /** Null: every incident is told by itself, always. */
  readonly storm: StormPolicy | null
}

/** Where the database is: the file of SQLite by its absolute path, or a server. */
export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | (Omit<ServerLocation, 'password' | 'tls'> & { readonly password: Secret; readonly tls: DatabaseTlsConfig })

export interface DatabaseTlsConfig {
  readonly mode: TlsMode
  /** Absolute paths of PEM files. */
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

/** Where deliveries are kept before they are answered. */
export type LogConfig =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'database'; readonly partitions: number }
  | {
      readonly kind: 'stream'
      /** `host:port` of the servers of NATS. */
      readonly servers: readonly string[]
      readonly stream: string
      readonly partitions: number
      readonly replicas: number
      readonly user: string | null
      readonly password: Secret | null
      readonly token: Secret | null
      /** The absolute path of a credentials file. */
      readonly credentials: string | null
      /** Null: in the clear. Absolute paths of PEM files. */
      readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null } | null
    }

/** A Slack workspace that a bot of ours is in. */
export interface WorkspaceConfig {
  /** `default` is that of the short form. */
  readonly name: string
  readonly botToken: Secret
  readonly signingSecret: Secret | null
  readonly appToken: Secret | null
  readonly apiUrl: string
  readonly editsPerMinute: number
}

/** A place where incidents are told. */
export interface ChannelConfig {
  readonly id: string
  /** A kind of `channel-kinds.ts`. */
  readonly kind: string
  /** True: it comes from the short form, or stands in where nothing is configured. */
  readonly isImplicit: boolean
  /** Names the place for people; holds no secret. */
  readonly label: string
  readonly mentions: MentionTexts
  /** Null: every incident is told by itself, always. */
  readonly storm: StormPolicy | null
  /** Checked by the settings schema of its kind; holds secrets. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** What settings of channels can refer to. */
export type ChannelContext = Pick<Config, 'slack' | 'workspaces' | 'sources'>

/** The effective configuration: checked, complete, deeply frozen. Times in milliseconds, sizes in bytes, paths absolute. */
export interface Config {
  readonly tenantId: string
  readonly environment: string
  readonly logLevel: LogLevel
  readonly host: string
  readonly port: number
  /** A loopback address and no credential of any kind: everybody who reaches the port may do everything. */
  readonly isOpen: boolean
  readonly dataDir: string
  readonly database: DatabaseConfig
  readonly log: LogConfig
  readonly redis: { readonly url: Secret | null; readonly keyPrefix: string }
  readonly sources: readonly SourceConfig[]
  readonly apiKeys: readonly ApiKeyConfig[]
  /** Who may act from chat. */
  readonly people: readonly Omit<Person, 'id'>[]
  /** Where people reach this installation, without a slash at its end; null = nobody said. */
  readonly publicUrl: string | null
  readonly slack: SlackConfig
  readonly workspaces: readonly WorkspaceConfig[]
  /** At least one. */
  readonly channels: readonly ChannelConfig[]
  /** The id of the channel that is told what no route takes. */
  readonly defaultChannel: string
  readonly routes: readonly ParsedRoute[]
  readonly quietHours: readonly ParsedQuietHours[]
  readonly threads: { readonly store: 'database' | 'redis' } | { readonly store: 'file'; readonly path: string }
  readonly retention: { readonly bodiesMs: number; readonly bodiesMaxBytes: number; readonly eventsMs: number }
  readonly intake: { readonly maxBodyBytes: number }
  /** Null: nobody outside is told that it is alive. */
  readonly heartbeat: HeartbeatConfig | null
  /** How long `POST /alert` waits for Slack. */
  readonly alertWaitMs: number
  /** Where a test wants the process to die; null outside tests. */
  readonly crashAt: string | null
  /** Where each value came from, by its path in the file: `default`, the file with its line, a variable or a flag. */
  readonly origins: Readonly<Record<string, string>>
}

/** One mistake in the configuration. */
export interface ConfigProblem {
  /** Where: a path of the file (`sources[1].token`) or the name of a variable (`SLACK_BOT_TOKEN`). */
  readonly path: string
  readonly problem: string
  /** What to do, in one sentence. */
  readonly remedy: string
}
