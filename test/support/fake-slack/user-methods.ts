import { type ApiAnswer, type ApiCall, type ApiMethod, refuse } from './api-method.ts'
import { showUser } from './slack-user.ts'

const EMAIL_SCOPE = 'users:read.email'

/** The `users.*` methods. */
export const USER_METHODS: Readonly<Record<string, ApiMethod>> = {
  'users.info': { scope: () => 'users:read', required: 'user', optional: 'include_locale', run: showOne },
  'users.lookupByEmail': { scope: () => EMAIL_SCOPE, required: 'email', optional: '', run: lookUp },
}

function showOne({ workspace, token, args }: ApiCall): ApiAnswer {
  const user = workspace.user(String(args['user']))
  if (user === undefined) return refuse('user_not_found')
  return { ok: true, user: showUser(user, token.scopes.includes(EMAIL_SCOPE)) }
}

// Slack finds neither those who left nor bots nor people of other workspaces by their address.
function lookUp({ workspace, args }: ApiCall): ApiAnswer {
  const email = String(args['email']).toLowerCase()
  const isFound = ({ kind }: { kind: string }) => kind !== 'deleted' && kind !== 'bot' && kind !== 'stranger'
  const user = workspace.users.find((one) => one.email?.toLowerCase() === email && isFound(one))
  return user === undefined ? refuse('users_not_found') : { ok: true, user: showUser(user, true) }
}
