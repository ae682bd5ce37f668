import type { WebAPICallResult } from '@slack/web-api'
import { callSlack, type SlackAnswer, type SlackFetch, type SlackLine } from './call-slack.ts'
import { listAt, objectAt, parseJson, textAt } from './interaction/json-fields.ts'
import { socketProblemOf } from './interaction/socket-problem.ts'
import { verdictOf } from './outcome-of-failure.ts'
import { NEEDED_SCOPES } from './slack-scopes.ts'

/** One thing that was looked at. */
export interface SlackFinding {
  /** `blocking`: incidents are not told, or people cannot act although they are meant to. */
  readonly level: 'fine' | 'warning' | 'blocking'
  readonly what: string
  /** What to do; null where there is nothing to do. */
  readonly remedy: string | null
}

export interface DiagnosedWorkspace {
  readonly name: string
  readonly botToken: string
  readonly signingSecret: string | null
  readonly appToken: string | null
  readonly apiUrl: string
  /** The channels that the bot must be able to post in. */
  readonly channels: readonly string[]
  /** Somebody is among `people`, so e-mail addresses must be visible. */
  readonly hasPeople: boolean
}

export interface DiagnoseDeps {
  readonly fetch: SlackFetch
  readonly now: () => number
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 10_000
const INSTALL = 'Add it under "OAuth & Permissions" of the app, and install the app again.'
/** Slack refuses nothing from us for it, but we refuse clicks that seem older or younger than five minutes. */
const SKEW_WARNING_MS = 60_000
const SKEW_BLOCKING_MS = 4 * 60_000

const fine = (what: string): SlackFinding => ({ level: 'fine', what, remedy: null })
const warning = (what: string, remedy: string): SlackFinding => ({ level: 'warning', what, remedy })
const blocking = (what: string, remedy: string): SlackFinding => ({ level: 'blocking', what, remedy })

/** Looks at everything that a workspace needs, without posting anything. Never throws; an unreachable Slack is a finding. */
export async function diagnoseSlack(
  deps: DiagnoseDeps,
  workspace: DiagnosedWorkspace,
): Promise<readonly SlackFinding[]> {
  let date: string | null = null
  const fetch: SlackFetch = async (url, init) => {
    const response = await deps.fetch(url, init)
    date = response.headers.get('date')
    return response
  }
  const line: SlackLine = { settings: { ...workspace, timeoutMs: TIMEOUT_MS }, fetch, signal: deps.signal }
  const who = await callSlack<WebAPICallResult>(line, (client) => client.apiCall('auth.test'))
  if (!who.ok) return [blocking(detailOf(who, 'the workspace'), 'Correct the token or the address of the API first.')]
  const scopes = listAt(who.value, 'response_metadata', 'scopes').filter((scope) => typeof scope === 'string')
  return [
    fine(
      `The token is good: ${textAt(who.value, 'user') ?? 'the bot'} in ${textAt(who.value, 'team') ?? 'the workspace'}.`,
    ),
    ...scopeFindings(scopes, workspace),
    ...(await channelFindings(line, workspace)),
    ...clockFindings(date, deps.now()),
    ...doorFindings(workspace),
    ...(workspace.appToken === null ? [] : [await socketFinding(line, workspace.appToken)]),
  ]
}

type Failed = Extract<SlackAnswer<unknown>, { ok: false }>

function detailOf({ failure }: Failed, place: string): string {
  return verdictOf(failure, { place, isReply: false }).detail
}

function scopeFindings(scopes: readonly string[], { hasPeople }: DiagnosedWorkspace): readonly SlackFinding[] {
  if (scopes.length === 0)
    return [warning('Slack did not say which scopes the token has.', 'Compare them with deploy/slack/manifest.yaml.')]
  const missing = NEEDED_SCOPES.filter(({ scope }) => !scopes.includes(scope))
  const spare = scopes.filter((scope) => !NEEDED_SCOPES.some((needed) => needed.scope === scope))
  return [
    ...missing.map(({ scope, isVital, without }) => {
      const isBlocking = isVital || (scope === 'users:read.email' && hasPeople)
      return (isBlocking ? blocking : warning)(`The scope ${scope} is missing. ${without}`, INSTALL)
    }),
    ...(missing.length === 0 ? [fine('The token has every scope that is used.')] : []),
    ...(spare.length === 0
      ? []
      : [warning(`The token may do more than Nunchi needs: ${spare.join(', ')}.`, 'Remove what nothing else needs.')]),
  ]
}

async function channelFindings(line: SlackLine, { channels }: DiagnosedWorkspace): Promise<readonly SlackFinding[]> {
  const findings: SlackFinding[] = []
  for (const channel of channels) findings.push(await channelFinding(line, channel))
  return findings
}

async function channelFinding(line: SlackLine, id: string): Promise<SlackFinding> {
  const answer = await callSlack<WebAPICallResult>(line, (client) =>
    client.apiCall('conversations.info', { channel: id }),
  )
  if (!answer.ok) {
    const { failure } = answer
    if (failure.kind === 'refused' && failure.error === 'missing_scope')
      return warning(`Channel ${id} could not be looked at: a scope is missing.`, INSTALL)
    if (failure.kind === 'refused' && failure.error === 'channel_not_found')
      return blocking(
        `There is no channel ${id}, or it is private and the bot is not in it.`,
        'Copy the id from the channel (its name → About → Channel ID), and invite the bot: /invite @Nunchi.',
      )
    return blocking(detailOf(answer, id), 'Try again, then look at the network between here and Slack.')
  }
  const channel = objectAt(answer.value, 'channel')
  const name = `#${textAt(channel, 'name') ?? id} (${id})`
  if (channel?.['is_archived'] === true) return blocking(`${name} is archived.`, 'Unarchive it, or configure another.')
  if (channel?.['is_member'] === false) return blocking(`The bot is not in ${name}.`, 'Type there: /invite @Nunchi')
  return fine(`The bot is in ${name}.`)
}

function clockFindings(date: string | null, now: number): readonly SlackFinding[] {
  const slackTime = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(slackTime)) return []
  const skewMs = Math.abs(now - slackTime)
  const what = `The clock of this machine differs from that of Slack by ${Math.round(skewMs / 1_000)} s.`
  const remedy = 'Let the machine keep its time (NTP): clicks that seem five minutes off are refused as replays.'
  if (skewMs >= SKEW_BLOCKING_MS) return [blocking(what, remedy)]
  return [skewMs >= SKEW_WARNING_MS ? warning(what, remedy) : fine('The clock of this machine is that of Slack.')]
}

function doorFindings({ signingSecret, appToken }: DiagnosedWorkspace): readonly SlackFinding[] {
  if (signingSecret === null && appToken === null)
    return [
      warning(
        'Nothing that people click arrives: there is neither a signing secret nor an app-level token.',
        'Set SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode). docs/slack.md shows both.',
      ),
    ]
  if (signingSecret === null) return []
  if (/^[0-9a-f]{32}$/.test(signingSecret)) return [fine('The signing secret has the form of one.')]
  return [
    warning(
      'The signing secret does not look like one of Slack, which has 32 digits and letters from a to f.',
      'Copy it again: app → Basic Information → App Credentials → Signing Secret.',
    ),
  ]
}

/** Opens a connection as Socket Mode does, and closes it after the greeting. */
async function socketFinding(line: SlackLine, appToken: string): Promise<SlackFinding> {
  const appLine = { ...line, settings: { ...line.settings, botToken: appToken } }
  const opened = await callSlack<WebAPICallResult>(appLine, (client) => client.apiCall('apps.connections.open'))
  if (!opened.ok) {
    const { failure } = opened
    const why = failure.kind === 'refused' ? socketProblemOf(failure.error) : detailOf(opened, 'the app')
    return blocking(`Socket Mode does not open. ${why}`, 'Correct SLACK_APP_TOKEN, and try again.')
  }
  const isGreeted = await isGreetedAt(textAt(opened.value, 'url') ?? '')
  return isGreeted
    ? fine('Socket Mode connects.')
    : blocking('Socket Mode does not connect: no greeting came.', 'Let this machine open wss:// connections to Slack.')
}

async function isGreetedAt(url: string): Promise<boolean> {
  if (!/^wss?:/.test(url)) return false
  const socket = new WebSocket(url)
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), TIMEOUT_MS)
      const end = (isGreeted: boolean): void => {
        clearTimeout(timer)
        resolve(isGreeted)
      }
      socket.addEventListener('message', ({ data }) => end(textAt(parseJson(String(data)), 'type') === 'hello'))
      socket.addEventListener('error', () => end(false))
      socket.addEventListener('close', () => end(false))
    })
  } finally {
    socket.close()
  }
}
