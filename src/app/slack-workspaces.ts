import type { Language } from '../domain/language.ts'
import type { DiagnosedWorkspace } from '../notify/channels/slack/diagnose-slack.ts'
import type { Config, WorkspaceConfig } from './config/config-shape.ts'

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

/** The workspaces whose people can act: those with a way for clicks to arrive. */
export function slackWorkspacesOf({ workspaces, slack }: Config): readonly SlackWorkspace[] {
  return workspaces
    .filter(({ signingSecret, appToken }) => signingSecret !== null || appToken !== null)
    .map((workspace) => ({ ...inTheClear(workspace), language: slack.language }))
}

/** The workspaces as the doctor looks at them, those without a way for clicks included. */
export function diagnosedWorkspacesOf({ workspaces, channels, people }: Config): readonly DiagnosedWorkspace[] {
  return workspaces.map((workspace) => ({
    ...inTheClear(workspace),
    channels: channels.flatMap(({ kind, settings }) =>
      kind === 'slack' && (settings['workspace'] ?? 'default') === workspace.name ? [String(settings['channel'])] : [],
    ),
    hasPeople: people.length > 0,
  }))
}

function inTheClear({ name, botToken, signingSecret, appToken, apiUrl }: WorkspaceConfig) {
  return {
    name,
    botToken: botToken.reveal(),
    signingSecret: signingSecret?.reveal() ?? null,
    appToken: appToken?.reveal() ?? null,
    apiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
  }
}
