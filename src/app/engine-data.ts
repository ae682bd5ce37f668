import type { LifecyclePolicy } from '../domain/incident-lifecycle.ts'
import type { MemberRights } from '../domain/person.ts'
import type { SourcePolicy } from '../incidents/working-set.ts'
import type { DatabaseLocation } from '../store/database.ts'
import type { Config } from './config/config-shape.ts'
import { type SlackWorkspace, slackWorkspacesOf } from './slack-workspaces.ts'

/** What the engine's thread is started with: plain data, because it crosses a thread boundary. Holds secrets; never log it. */
export interface EngineData {
  readonly database: DatabaseLocation
  readonly logPath: string
  readonly tenantId: string
  readonly environment: string
  readonly sources: readonly {
    readonly name: string
    readonly kind: string
    readonly policy: SourcePolicy
    readonly settings: unknown
  }[]
  readonly slack: {
    readonly bot: { readonly token: string; readonly channel: string } | null
    readonly webhookUrl: string | null
    readonly apiUrl: string
    readonly postsPerSecond: number
    readonly burst: number
  }
  /** What people in Slack can ask for, and who they are. */
  readonly slackDesk: {
    readonly workspaces: readonly SlackWorkspace[]
    readonly members: MemberRights
  }
  readonly threads: Config['threads']
  readonly retention: Config['retention']
  readonly crashAt: string | null
  readonly logLevel: Config['logLevel']
}

/** Draws from the configuration what the engine needs, secrets in the clear. */
export function engineDataOf(config: Config, database: DatabaseLocation, logPath: string): EngineData {
  const { slack } = config
  return {
    database,
    logPath,
    tenantId: config.tenantId,
    environment: config.environment,
    sources: config.sources.map(({ name, kind, policy, settings }) => ({
      name,
      kind,
      policy: plainPolicy(policy),
      settings,
    })),
    slack: {
      bot: slack.bot === null ? null : { token: slack.bot.token.reveal(), channel: slack.bot.channel },
      webhookUrl: slack.webhookUrl?.reveal() ?? null,
      apiUrl: slack.apiUrl,
      postsPerSecond: slack.postsPerSecond,
      burst: slack.burst,
    },
    slackDesk: {
      workspaces: slackWorkspacesOf(config),
      members: slack.members,
    },
    threads: config.threads,
    retention: config.retention,
    crashAt: config.crashAt,
    logLevel: config.logLevel,
  }
}

function plainPolicy(policy: SourcePolicy): SourcePolicy {
  const lifecycle: LifecyclePolicy = { ...policy.lifecycle }
  return {
    correlation: { ...policy.correlation, fields: [...policy.correlation.fields] },
    lifecycle,
    keepsEveryAlert: policy.keepsEveryAlert,
  }
}
