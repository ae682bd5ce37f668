import type { Language } from '../domain/language.ts'
import type { DiagnosedWorkspace } from '../notify/channels/slack/diagnose-slack.ts'
import type { Config } from './config/config-shape.ts'

const DEFAULT_WORKSPACE = 'default'

/** A Slack workspace that people act from. Plain data with secrets in the clear; never log it. */
export interface SlackWorkspace {
  readonly name: string
  readonly botToken: string
  /** Null: nothing of it arrives over HTTP. */
  readonly signingSecret: string | null
  /** Null: no Socket Mode. */
  readonly appToken: string | null
  readonly apiUrl: string
  readonly language: Language
}

/** The workspaces as the doctor looks at them, those without a way for clicks included. */
export function diagnosedWorkspacesOf({ slack, people }: Config): readonly DiagnosedWorkspace[] {
  const { bot, signingSecret, appToken, apiUrl } = slack
  if (bot === null) return []
  return [
    {
      name: DEFAULT_WORKSPACE,
      botToken: bot.token.reveal(),
      signingSecret: signingSecret?.reveal() ?? null,
      appToken: appToken?.reveal() ?? null,
      apiUrl: withSlash(apiUrl),
      channels: [bot.channel],
      hasPeople: people.length > 0,
    },
  ]
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

/** The workspaces whose people can act: those with a way for clicks to arrive. */
export function slackWorkspacesOf({ slack }: Config): readonly SlackWorkspace[] {
  const { bot, signingSecret, appToken, apiUrl, language } = slack
  if (bot === null || (signingSecret === null && appToken === null)) return []
  return [
    {
      name: DEFAULT_WORKSPACE,
      botToken: bot.token.reveal(),
      signingSecret: signingSecret?.reveal() ?? null,
      appToken: appToken?.reveal() ?? null,
      apiUrl: withSlash(apiUrl),
      language,
    },
  ]
}
