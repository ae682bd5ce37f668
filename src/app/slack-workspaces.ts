import type { Language } from '../domain/language.ts'
import type { Config } from './config/config-shape.ts'

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

const DEFAULT_WORKSPACE = 'default'

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
      apiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
      language,
    },
  ]
}
