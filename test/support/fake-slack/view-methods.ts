import { type ApiAnswer, type ApiCall, type ApiMethod, refuse } from './api-method.ts'
import { isObject, type JsonObject } from './schema-checks.ts'
import { refusalOfView, type ViewType } from './view-rules.ts'
import { type SlackView, showView } from './view-store.ts'

const MAX_PILE = 3

/** The `views.*` methods. None needs a scope: what allows them is that a person did something. */
export const VIEW_METHODS: Readonly<Record<string, ApiMethod>> = {
  'views.open': { required: 'view', optional: 'trigger_id', run: (call) => openView(call, true) },
  'views.push': { required: 'view', optional: 'trigger_id', run: (call) => openView(call, false) },
  'views.update': { required: 'view', optional: 'view_id external_id hash', run: updateView },
  'views.publish': { required: 'user_id view', optional: 'hash', run: publishView },
}

function openView(call: ApiCall, isRoot: boolean): ApiAnswer {
  const { workspace, args } = call
  const { trigger_id: triggerId } = args
  if (typeof triggerId !== 'string') return refuse('invalid_arguments', ['missing required field: trigger_id'])
  const trigger = workspace.triggers.judge(triggerId)
  if ('refusal' in trigger) return refuse(trigger.refusal)
  const refusal = refusalOf(call, 'modal', undefined)
  if (refusal !== undefined) return refusal
  const pile = workspace.views.pile(trigger.userId)
  if (!isRoot && pile.length === 0) return refuse('not_found')
  if (!isRoot && pile.length >= MAX_PILE) return refuse('push_limit_reached')
  workspace.triggers.exchange(triggerId)
  return shown(call, workspace.views.open(trigger.userId, args['view'] as JsonObject, isRoot))
}

function updateView(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const { view_id: id, external_id: externalId } = args
  if ((id === undefined) === (externalId === undefined)) {
    return refuse('invalid_arguments', ['exactly one of view_id and external_id is required'])
  }
  const view = workspace.views.all.find(
    (one) => one.id === id || (id === undefined && externalIdOf(one) === externalId),
  )
  if (view === undefined || view.type !== 'modal') return refuse('not_found')
  const refusal = refusalOf(call, 'modal', view)
  return refusal ?? shown(call, workspace.views.update(view, args['view'] as JsonObject))
}

function publishView(call: ApiCall): ApiAnswer {
  const { workspace, args } = call
  const userId = String(args['user_id'])
  if (workspace.user(userId) === undefined) return refuse('invalid_arguments', ['invalid `user_id`'])
  const refusal = refusalOf(call, 'home', workspace.views.home(userId))
  return refusal ?? shown(call, workspace.views.publish(userId, args['view'] as JsonObject))
}

function refusalOf(call: ApiCall, type: ViewType, present: SlackView | undefined): ApiAnswer | undefined {
  const { workspace, args, malformed } = call
  if (malformed.includes('view')) return refuse('invalid_arguments', ['failed to parse view [json-pointer:/view]'])
  const refusal = refusalOfView(args['view'], type)
  if (refusal !== undefined) return refuse(refusal.error, refusal.problems)
  const { hash } = args
  if (hash !== undefined && present !== undefined && hash !== present.hash) return refuse('hash_conflict')
  const externalId = isObject(args['view']) ? args['view']['external_id'] : undefined
  const isTaken = workspace.views.all.some((view) => view !== present && externalIdOf(view) === externalId)
  return externalId !== undefined && externalId !== '' && isTaken ? refuse('duplicate_external_id') : undefined
}

function externalIdOf(view: SlackView): unknown {
  return view.content['external_id']
}

function shown(call: ApiCall, view: SlackView): ApiAnswer {
  return { ok: true, view: showView(view, call.workspace.teamId) }
}
