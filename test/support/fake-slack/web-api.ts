import { type ApiAnswer, type ApiMethod, refuse } from './api-method.ts'
import { APP_METHODS } from './app-methods.ts'
import { CHAT_METHODS } from './chat-methods.ts'
import { CONVERSATION_METHODS } from './conversation-methods.ts'
import { EPHEMERAL_METHODS } from './ephemeral-methods.ts'
import type { ParsedArguments } from './read-arguments.ts'
import type { Token } from './tokens.ts'
import { USER_METHODS } from './user-methods.ts'
import { VIEW_METHODS } from './view-methods.ts'
import type { Workspace } from './workspace.ts'

const METHODS = new Map<string, ApiMethod>(
  Object.entries({
    ...APP_METHODS,
    ...CHAT_METHODS,
    ...EPHEMERAL_METHODS,
    ...CONVERSATION_METHODS,
    ...USER_METHODS,
    ...VIEW_METHODS,
  }),
)

/** What a Web API call is answered from. */
export interface WebApi {
  readonly workspace: Workspace
  readonly tokens: ReadonlyMap<string, Token>
  /** A new address for one Socket Mode connection. */
  readonly socketUrl: () => string
}

/** A request that has been read but not yet judged. */
export interface WebApiRequest extends ParsedArguments {
  readonly method: string
  readonly token: string | undefined
}

/** Judges a call in Slack's order (token, scope, arguments, then the method's own rules) and carries it out. */
export function callWebApi(api: WebApi, request: WebApiRequest): ApiAnswer {
  const method = METHODS.get(request.method)
  if (method === undefined) return { ...refuse('unknown_method'), req_method: request.method }
  if (request.error !== undefined) return refuse(request.error)
  const token = request.token === undefined ? undefined : api.tokens.get(request.token)
  if (token === undefined) return refuse(request.token === undefined ? 'not_authed' : 'invalid_auth')
  if (token.state !== 'active') return refuse(token.state)
  if ((token.kind === 'app') !== (method.tokenKind === 'app')) return refuse('not_allowed_token_type')
  const needed = missingScope(api, { method, token, request })
  if (needed !== undefined) return { ...refuse('missing_scope'), needed, provided: token.scopes.join(',') }
  const absent = method.required.split(' ').filter((name) => name !== '' && isAbsent(request.args[name]))
  if (absent.length > 0) {
    return refuse(
      'invalid_arguments',
      absent.map((name) => `missing required field: ${name}`),
    )
  }
  const { args, malformed } = request
  return method.run({ workspace: api.workspace, token, args, malformed, socketUrl: api.socketUrl })
}

/** Arguments that the method does not know. Slack passes over them in silence; a typing mistake shows here. */
export function unknownArguments(request: WebApiRequest): readonly string[] {
  const method = METHODS.get(request.method)
  if (method === undefined) return []
  const known = `${method.required} ${method.optional} token team_id`.split(' ')
  return Object.keys(request.args).filter((name) => !known.includes(name))
}

/** The scopes of the caller's token, as Slack sends them with every answer; undefined without a valid token. */
export function scopesOf(api: WebApi, request: WebApiRequest): string | undefined {
  const token = request.token === undefined ? undefined : api.tokens.get(request.token)
  return token?.state === 'active' ? token.scopes.join(',') : undefined
}

interface ScopeQuestion {
  readonly method: ApiMethod
  readonly token: Token
  readonly request: WebApiRequest
}

function missingScope(api: WebApi, { method, token, request }: ScopeQuestion): string | undefined {
  const { channel } = request.args
  const isPrivate = typeof channel === 'string' && api.workspace.find(channel)?.isPrivate === true
  const needed = method.scope?.(isPrivate)
  return needed === undefined || token.scopes.includes(needed) ? undefined : needed
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === ''
}
