import { setTimeout as sleep } from 'node:timers/promises'
import type { WebAPICallResult } from '@slack/web-api'
import type { Db } from '../../../../store/database.ts'
import { callSlack, type SlackFetch } from '../call-slack.ts'
import { verdictOf } from '../outcome-of-failure.ts'
import { textAt } from './json-fields.ts'
import { saveIdentity } from './slack-workspace-repository.ts'

export interface IdentifyDeps {
  readonly db: Db
  readonly tenantId: string
  readonly now: () => number
  readonly fetch: SlackFetch
  readonly signal: AbortSignal
  /** Slack does not say which workspace it is; null = now it did. */
  readonly onProblem: (workspace: string, problem: string | null) => void
}

const TIMEOUT_MS = 10_000
const AGAIN_MS = 10_000

/** Asks Slack which workspace a token is for, and remembers it; goes on asking until it says so or the signal ends. Never throws. */
export async function identifyWorkspace(
  deps: IdentifyDeps,
  workspace: { readonly name: string; readonly botToken: string; readonly apiUrl: string },
): Promise<void> {
  while (!deps.signal.aborted) {
    const problem = await identifyOnce(deps, workspace)
    if (deps.signal.aborted) return
    deps.onProblem(workspace.name, problem)
    if (problem === null) return
    await sleep(AGAIN_MS, undefined, { signal: deps.signal, ref: false }).catch(() => undefined)
  }
}

async function identifyOnce(
  { db, tenantId, now, fetch, signal }: IdentifyDeps,
  workspace: { readonly name: string; readonly botToken: string; readonly apiUrl: string },
): Promise<string | null> {
  const line = { settings: { ...workspace, timeoutMs: TIMEOUT_MS }, fetch, signal }
  const answer = await callSlack<WebAPICallResult>(line, (client) => client.apiCall('auth.test'))
  if (!answer.ok) return verdictOf(answer.failure, { place: 'the workspace', isReply: false }).detail
  const teamId = textAt(answer.value, 'team_id')
  const botUserId = textAt(answer.value, 'user_id')
  if (teamId === null || botUserId === null) return 'Slack said ok without naming the workspace'
  try {
    await saveIdentity(db, tenantId, workspace, { teamId, botUserId, now: now() })
    return null
  } catch (error) {
    return `The database did not take what Slack said: ${error instanceof Error ? error.message : String(error)}`
  }
}
