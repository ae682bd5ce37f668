import type { Db } from '../../../../store/database.ts'
import { checkSubmission } from './check-submission.ts'
import { parseJson, textAt } from './json-fields.ts'
import { type ReadPayload, readCommandPayload, readEvent, readInteractive } from './read-interaction.ts'
import { keepReceipt, type ReceiptDeps } from './slack-receipt-repository.ts'
import { bindApp, loadIdentity } from './slack-workspace-repository.ts'
import { isSignedWith, type SignedRequest } from './verify-signature.ts'

/** Where Slack sends what. */
export const SLACK_DOORS = ['interactions', 'commands', 'events'] as const
export type SlackDoor = (typeof SLACK_DOORS)[number]

/** A workspace as the door knows it. */
export interface DoorWorkspace {
  readonly name: string
  readonly botToken: string
  /** Null: it sends nothing over HTTP. */
  readonly signingSecret: string | null
}

export interface ReceiveDeps extends ReceiptDeps {
  readonly db: Db
  readonly workspaces: readonly DoorWorkspace[]
}

/** What Slack is answered. `refused`: it was not Slack, or not for us; nothing more is said. `later`: the workspace is not known yet. */
export type SlackReply =
  | { readonly kind: 'refused' }
  | { readonly kind: 'later' }
  /** `isNew`: something was kept, so the jobs have something to do. */
  | { readonly kind: 'taken'; readonly body: object | null; readonly isNew: boolean }

const NOTHING_TO_SAY: SlackReply = { kind: 'taken', body: null, isNew: false }

/**
 * Takes what Slack sends over HTTP: proves it, keeps it with its job in one commit, and says what to answer. Throws what
 * the database throws; then nothing was kept, and Slack shows the person an error or sends the event again.
 */
export async function receiveSlackRequest(
  deps: ReceiveDeps,
  door: SlackDoor,
  signed: SignedRequest,
): Promise<SlackReply> {
  const body = Buffer.from(signed.body).toString('utf8')
  const form = door === 'events' ? null : Object.fromEntries(new URLSearchParams(body))
  // Slack asks so whether the certificate is right, without a signature. It reads nothing and does nothing.
  if (form?.['ssl_check'] === '1') return NOTHING_TO_SAY
  const signers = signersOf(deps, signed)
  if (signers.length === 0) return { kind: 'refused' }
  const event = door === 'events' ? parseJson(body) : null
  const challenge = textAt(event, 'challenge')
  if (textAt(event, 'type') === 'url_verification' && challenge !== null)
    return { kind: 'taken', body: { challenge }, isNew: false }
  const read = readAt(door, form, event)
  return read === null ? { kind: 'refused' } : await takePayload(deps, signers, read)
}

/** Every secret is tried, so that the time tells nothing about which one came close. */
function signersOf({ workspaces, now }: ReceiveDeps, signed: SignedRequest): readonly DoorWorkspace[] {
  const at = now()
  return workspaces.filter(({ signingSecret }) => isSignedWith(signingSecret ?? '', signed, at))
}

function readAt(door: SlackDoor, form: Readonly<Record<string, string>> | null, event: unknown): ReadPayload | null {
  if (door === 'events') return readEvent(event)
  if (form === null) return null
  return door === 'commands' ? readCommandPayload(form) : readInteractive(parseJson(form['payload'] ?? ''))
}

/** Takes a payload that was proved to come from the app of one of these workspaces, by signature or by its own connection. */
export async function takePayload(
  deps: ReceiveDeps,
  proved: readonly DoorWorkspace[],
  read: ReadPayload,
): Promise<SlackReply> {
  const owner = await ownerOf(deps, proved, read)
  if (owner === 'unknown') return { kind: 'later' }
  if (owner === null) return { kind: 'refused' }
  if (read.kept === null) return NOTHING_TO_SAY
  const { request } = read.kept
  const errors = request.kind === 'submission' ? checkSubmission(request) : null
  if (errors !== null) return { kind: 'taken', body: { response_action: 'errors', errors }, isNew: false }
  const isNew = await keepReceipt(deps, { workspace: owner.name, payloadId: read.payloadId, kept: read.kept })
  return { kind: 'taken', body: request.kind === 'submission' ? { response_action: 'clear' } : null, isNew }
}

/** The workspace that a payload belongs to: its team and app must be those of the bot token. `unknown`: Slack has not said yet which those are. */
async function ownerOf(
  { db, tenantId }: ReceiveDeps,
  proved: readonly DoorWorkspace[],
  { teamIds, appId, mayOmitApp }: ReadPayload,
): Promise<DoorWorkspace | 'unknown' | null> {
  let isAnyUnknown = false
  for (const workspace of proved) {
    const identity = await loadIdentity(db, tenantId, workspace)
    if (identity === null) isAnyUnknown = true
    else if (teamIds.includes(identity.teamId)) {
      if (appId === null) return mayOmitApp ? workspace : null
      if (identity.appId !== null && identity.appId !== appId) return null
      if (identity.appId === null) await bindApp(db, tenantId, { name: workspace.name, appId })
      return workspace
    }
  }
  return isAnyUnknown ? 'unknown' : null
}
