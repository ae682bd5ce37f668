import { APP, viewOf } from '../api-method.ts'
import type { Channel } from '../channel.ts'
import type { EphemeralMessage } from '../ephemeral-store.ts'
import { withGeneratedIds } from '../generated-ids.ts'
import type { JsonObject } from '../schema-checks.ts'
import type { SlackUser } from '../slack-user.ts'
import { type SlackView, showView } from '../view-store.ts'
import type { SlackMessage, Workspace } from '../workspace.ts'
import { type Choice, choose } from './choose.ts'
import type { FoundElement } from './find-element.ts'
import { stateOf } from './view-state.ts'

const VERIFICATION_TOKEN = 'fake-verification-token'
const DOMAIN = 'fake'

/** Where somebody does something, and what Slack hands out for it. */
export interface Scene {
  readonly workspace: Workspace
  readonly user: SlackUser
  readonly triggerId: string
  readonly responseUrl?: string
}

/** What is clicked: a message, or a view. */
export type Surface =
  | { readonly message: SlackMessage | EphemeralMessage; readonly channel: Channel }
  | { readonly view: SlackView }

/** The body of a click on a button or menu. */
export function blockActions(
  scene: Scene,
  surface: Surface,
  click: FoundElement & { readonly choice?: Choice },
): JsonObject {
  const { block, element, choice } = click
  const { initial_option: _initial, options: _options, option_groups: _groups, ...kept } = element
  const ids = { action_id: element['action_id'], block_id: block['block_id'] }
  const action = { ...kept, ...ids, ...chosen(element, choice), action_ts: scene.workspace.nextTs() }
  const where = 'view' in surface ? insideView(scene, surface.view) : insideMessage(scene, surface, click)
  return { type: 'block_actions', ...common(scene), ...where, actions: [action] }
}

/** The body of a submitted modal. */
export function viewSubmission(scene: Scene, view: SlackView, values: JsonObject): JsonObject {
  return {
    type: 'view_submission',
    ...common(scene),
    view: showView(view, scene.workspace.teamId, values),
    response_urls: [],
  }
}

/** The body of a modal that was closed without submitting. */
export function viewClosed(scene: Scene, view: SlackView, isCleared: boolean): JsonObject {
  const { trigger_id: _trigger, ...others } = common(scene)
  return { type: 'view_closed', ...others, view: showView(view, scene.workspace.teamId), is_cleared: isCleared }
}

/** The body of a slash command, which goes out as a form. Slack tells nothing of the name of a private channel. */
export function slashCommand(scene: Scene, channel: Channel, typed: { command: string; text: string }): JsonObject {
  const { workspace, user, triggerId, responseUrl } = scene
  return {
    token: VERIFICATION_TOKEN,
    team_id: workspace.teamId,
    team_domain: DOMAIN,
    channel_id: channel.id,
    channel_name: channel.isPrivate ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    ...typed,
    api_app_id: APP.appId,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: triggerId,
  }
}

/** The body of a shortcut, on a message or anywhere. Unlike the others it does not name the app. */
export function shortcut(
  scene: Scene,
  callbackId: string,
  on?: { message: SlackMessage; channel: Channel },
): JsonObject {
  const { api_app_id: _app, ...others } = common(scene)
  const body = { ...others, callback_id: callbackId, action_ts: scene.workspace.nextTs() }
  if (on === undefined) return { type: 'shortcut', ...body }
  const { message, channel } = on
  const shown = { message_ts: message.ts, message: viewOf(scene.workspace, message, false) }
  return { type: 'message_action', ...body, channel: nameOf(channel), ...shown, response_url: scene.responseUrl }
}

/** The body around an event. */
export function eventCallback(workspace: Workspace, event: JsonObject, id: string): JsonObject {
  const channel = typeof event['channel'] === 'string' ? workspace.find(event['channel']) : undefined
  const isShared = [...(channel?.people ?? [])].some((userId) => workspace.user(userId)?.kind === 'stranger')
  const seenBy = { enterprise_id: null, team_id: workspace.teamId, user_id: APP.userId, is_bot: true }
  return {
    token: VERIFICATION_TOKEN,
    team_id: workspace.teamId,
    context_team_id: workspace.teamId,
    context_enterprise_id: null,
    api_app_id: APP.appId,
    event,
    type: 'event_callback',
    event_id: id,
    event_time: Math.floor(Number(event['event_ts'])),
    authorizations: [{ ...seenBy, is_enterprise_install: false }],
    is_ext_shared_channel: isShared,
    event_context: `4-${id}`,
  }
}

/** The fields with which Slack checks the certificate behind an address. */
export const SSL_CHECK: JsonObject = { ssl_check: '1', token: VERIFICATION_TOKEN }

/** The body with which Slack asks whether an address is the app's. */
export function urlVerification(challenge: string): JsonObject {
  return { token: VERIFICATION_TOKEN, challenge, type: 'url_verification' }
}

function common({ workspace, user, triggerId }: Scene): JsonObject {
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: APP.appId,
    token: VERIFICATION_TOKEN,
    trigger_id: triggerId,
    team: { id: workspace.teamId, domain: DOMAIN },
    enterprise: null,
    is_enterprise_install: false,
  }
}

function insideView({ workspace }: Scene, view: SlackView): JsonObject {
  const shown = showView(view, workspace.teamId, stateOf(view.content, {}))
  return { container: { type: 'view', view_id: view.id }, view: shown }
}

function insideMessage(scene: Scene, on: Extract<Surface, { channel: Channel }>, click: FoundElement): JsonObject {
  const { message, channel } = on
  const isEphemeral = 'userId' in message
  const { attachmentId } = click
  const inAttachment = attachmentId === undefined ? {} : { attachment_id: attachmentId, is_app_unfurl: false }
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs }
  const place = {
    message_ts: message.ts,
    ...inAttachment,
    channel_id: channel.id,
    is_ephemeral: isEphemeral,
    ...thread,
  }
  const type = attachmentId === undefined ? 'message' : 'message_attachment'
  // Slack does not say what an ephemeral message showed.
  const shown = isEphemeral ? {} : { message: viewOf(scene.workspace, message, false) }
  const values = stateOf(withGeneratedIds({ ...message.content }, message.ts), {})
  const state = { state: { values } }
  return {
    container: { type, ...place },
    channel: nameOf(channel),
    ...shown,
    ...state,
    response_url: scene.responseUrl,
  }
}

function chosen(element: JsonObject, choice: Choice | undefined): JsonObject {
  if (element['type'] === 'button') return {}
  return choose(element, choice)
}

function nameOf(channel: Channel): JsonObject {
  return { id: channel.id, name: channel.isPrivate ? 'privategroup' : channel.name }
}
