import type { JobPayloads } from '../../../../domain/job-payloads.ts'
import type { Language } from '../../../../domain/language.ts'
import type { ClaimedJob } from '../../../../jobs/claim-due-jobs.ts'
import type { JobOutcome } from '../../../../jobs/finish-job.ts'
import type { SlackFetch, SlackLine } from '../call-slack.ts'
import { answerPrivately } from './answer-privately.ts'
import { doButton } from './do-button.ts'
import { doCommand } from './do-command.ts'
import { doMemo, doShortcut, incidentIn } from './do-message.ts'
import { doSubmission } from './do-submission.ts'
import type { PersonRefusal } from './interaction-texts.ts'
import { noteHomeVisit, showClosedHome, showHome } from './show-home.ts'
import type { SlackPeople } from './slack-people.ts'
import { loadReceipt, markHandled, type SlackReceipt } from './slack-receipt-repository.ts'
import type { ReplyPlace, SlackRequest } from './slack-request.ts'
import { loadIdentity } from './slack-workspace-repository.ts'
import { textsOf } from './texts-of-language.ts'
import type { Desk, Visit } from './visit.ts'

/** A workspace as its requests are answered. */
export interface AnsweredWorkspace {
  readonly name: string
  readonly botToken: string
  readonly apiUrl: string
  readonly language: Language
}

export interface HandleDeps extends Desk {
  readonly workspaces: readonly AnsweredWorkspace[]
  readonly people: SlackPeople
  readonly fetch: SlackFetch
  /** Something may have changed that others wait for. */
  readonly onDone: () => void
}

type Job = Pick<ClaimedJob, 'tenantId' | 'attempts'> & { readonly payload: JobPayloads['slack-receipt'] }

const CALL_TIMEOUT_MS = 5_000
/** A click that could not be judged for so long is given up, and the person is told. */
const PATIENCE_MS = 60_000
const RETRY_MS = 1_000

/**
 * Does what somebody asked for in Slack, once: who it is and what that person may do is found out now, not when the
 * message was made. A job that runs a second time finds its receipt handled, or every part of it done.
 */
export function handleReceipt(deps: HandleDeps): (job: Job, signal: AbortSignal) => Promise<JobOutcome> {
  return async ({ payload }, signal) => {
    const receipt = await loadReceipt(deps.db, deps.tenantId, payload.receiptId)
    if (receipt === null || receipt.isHandled) return { kind: 'done' }
    const workspace = deps.workspaces.find(({ name }) => name === receipt.workspace)
    if (workspace === undefined)
      return { kind: 'give-up', reason: `No Slack workspace named ${receipt.workspace} is configured any more` }
    const outcome = await handle(deps, receipt, { workspace, signal })
    if (outcome.kind === 'done') await markHandled(deps.db, deps.tenantId, receipt.id, deps.now())
    deps.onDone()
    return outcome
  }
}

interface Where {
  readonly workspace: AnsweredWorkspace
  readonly signal: AbortSignal
}

async function handle(deps: HandleDeps, receipt: SlackReceipt, { workspace, signal }: Where): Promise<JobOutcome> {
  const { language, ...settings } = workspace
  const line: SlackLine = { settings: { ...settings, timeoutMs: CALL_TIMEOUT_MS }, fetch: deps.fetch, signal }
  const identity = await loadIdentity(deps.db, deps.tenantId, workspace)
  if (identity === null) return later(deps, 'Slack has not said yet which workspace this is')
  const { userId, request } = receipt
  if (userId === identity.botUserId) return { kind: 'done' }
  const caller = await deps.people.identify(line, { teamId: identity.teamId, userId, language })
  if (caller.kind === 'unreachable') {
    if (deps.now() - receipt.receivedAt < PATIENCE_MS) return later(deps, caller.detail, caller.afterMs)
    await refuse(deps, receipt, { line, text: textsOf(language).couldNotCheck, language })
  } else if (caller.kind === 'refused') {
    const text = refusalText(caller.why, caller.language)
    await refuse(deps, receipt, { line, text, language: caller.language })
  } else {
    const { actor } = caller
    const visit: Visit = {
      desk: deps,
      receipt,
      line,
      actor,
      language: caller.language,
      texts: textsOf(caller.language),
    }
    await visitDesk(visit, request)
  }
  return { kind: 'done' }
}

function later({ now }: HandleDeps, reason: string, afterMs: number | null = null): JobOutcome {
  return { kind: 'again', at: now() + (afterMs ?? RETRY_MS), reason, counts: true }
}

function refusalText(why: PersonRefusal, language: Language): string {
  return textsOf(language).refused[why]
}

async function visitDesk(visit: Visit, request: SlackRequest): Promise<void> {
  switch (request.kind) {
    case 'button':
      return await doButton(visit, request)
    case 'submission':
      return await doSubmission(visit, request)
    case 'command':
      return await doCommand(visit, request)
    case 'shortcut':
      return await doShortcut(visit, request)
    case 'memo':
      return await doMemo(visit, request)
    case 'home-opened':
      noteHomeVisit(visit)
      return await showHome(visit, null)
  }
}

interface Refusal {
  readonly line: SlackLine
  readonly text: string
  readonly language: Language
}

/** Tells somebody who may do nothing why, where only that person sees it. A note in a thread that is none of ours says nothing at all. */
async function refuse(deps: HandleDeps, receipt: SlackReceipt, { line, text, language }: Refusal): Promise<void> {
  const { request, userId } = receipt
  const place = await placeOf(deps, request)
  if (place === null) return
  const isTold = place.isHome
    ? await showClosedHome(line, userId, { why: text, texts: textsOf(language) })
    : await answerPrivately(line, { place, userId, words: { text } })
  if (!isTold) deps.onUntold({ what: request.kind, detail: 'A refusal could not be shown' })
}

const NOWHERE: ReplyPlace = { responseUrl: null, channel: null, threadTs: null, isHome: false }

async function placeOf(deps: HandleDeps, request: SlackRequest): Promise<ReplyPlace | null> {
  if (request.kind === 'submission') return request.context.place
  if (request.kind === 'home-opened') return { ...NOWHERE, isHome: true }
  if (request.kind !== 'memo') return request.place
  const { channel, threadTs } = request
  return (await incidentIn(deps, channel, threadTs)) === null ? null : { ...NOWHERE, channel, threadTs }
}
