import { APP, type ApiAnswer, type ApiCall, type ApiMethod } from './api-method.ts'

/** The methods that are about the app itself. */
export const APP_METHODS: Readonly<Record<string, ApiMethod>> = {
  'auth.test': { required: '', optional: '', run: testToken },
  'apps.connections.open': {
    tokenKind: 'app',
    scope: () => 'connections:write',
    required: '',
    optional: '',
    run: openSocket,
  },
}

function testToken({ workspace, token }: ApiCall): ApiAnswer {
  const who = {
    team_id: workspace.teamId,
    team: 'Fake',
    user: APP.name,
    user_id: APP.userId,
    is_enterprise_install: false,
  }
  const bot = token.kind === 'bot' ? { bot_id: APP.botId } : {}
  return { ok: true, url: 'https://fake.slack.com/', ...who, ...bot }
}

function openSocket({ socketUrl }: ApiCall): ApiAnswer {
  return { ok: true, url: socketUrl() }
}
