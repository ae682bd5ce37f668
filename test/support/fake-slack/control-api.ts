import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FakeSlack } from './fake-slack.ts'
import { readFaultRule } from './faults.ts'
import { type Command, INTERACTION_COMMANDS, named, objectOf } from './interaction/control-commands.ts'
import { readBody } from './read-arguments.ts'
import { tallyCalls } from './tally-calls.ts'

const COMMANDS: Readonly<Record<string, (command: Command) => unknown>> = {
  ...INTERACTION_COMMANDS,
  'GET /_control/log': ({ slack, query }) => ({
    calls: slack.calls(query.get('method') ?? undefined).slice(Number(query.get('after') ?? 0)),
  }),
  'GET /_control/tally': ({ slack }) => ({ tally: tallyCalls(slack.calls()) }),
  'GET /_control/messages': ({ slack, query }) => ({ messages: slack.messages(query.get('channel') ?? undefined) }),
  'GET /_control/findings': ({ slack }) => ({
    posts: slack.posts().length,
    duplicateRoots: slack.duplicateRoots(),
    pings: slack.pings(),
    links: slack.links(),
  }),
  'GET /_control/ephemerals': ({ slack, query }) => ({ ephemerals: slack.ephemerals(query.get('user') ?? undefined) }),
  'GET /_control/edits': ({ slack, query }) => ({ edits: slack.editsOf(named(query, 'ts')) }),
  'GET /_control/incident': ({ slack, query }) => ({ calls: slack.callsPerIncident(named(query, 'id')) }),
  'GET /_control/state': ({ slack }) => ({ state: slack.describe() }),
  'GET /_control/faults': ({ slack }) => ({ pending: slack.pendingFaults }),
  'POST /_control/faults': ({ slack, body }) => void slack.addFault(readFaultRule(body)),
  'DELETE /_control/faults': ({ slack }) => slack.clearFaults(),
  'DELETE /_control/log': ({ slack }) => slack.forgetCalls(),
  'DELETE /_control/messages': ({ slack, query }) => slack.deleteMessage(named(query, 'channel'), named(query, 'ts')),
  'POST /_control/archive': ({ slack, query }) => slack.archive(named(query, 'channel')),
  'POST /_control/unarchive': ({ slack, query }) => slack.archive(named(query, 'channel'), false),
  'POST /_control/kick': ({ slack, query }) => slack.kick(named(query, 'channel')),
  'POST /_control/invite': ({ slack, query }) => slack.invite(named(query, 'channel')),
  'POST /_control/limits': ({ slack, query }) => {
    slack.limits = query.get('mode') === 'slack' ? 'slack' : 'off'
  },
  'POST /_control/token': ({ slack, query, body }) =>
    void Object.assign(slack.token(query.get('token') ?? undefined), objectOf(body)),
  'POST /_control/edit-window': ({ slack, query }) =>
    slack.closeEditWindow(named(query, 'channel'), query.get('ts') ?? undefined, query.get('open') === null),
  'POST /_control/down': ({ slack, query }) => goDownFor(slack, Number(query.get('ms') ?? 1_000)),
}

/** Answers one request below `/_control/` with JSON; 400 explains a command that makes no sense. */
export async function answerControl(
  slack: FakeSlack,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readBody(request)
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake')
  const command = COMMANDS[`${request.method} ${pathname}`]
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? { ok: true }))
  if (command === undefined) return void answer(404, { error: 'unknown command', known: Object.keys(COMMANDS) })
  try {
    answer(200, await command({ slack, query, body: text === '' ? undefined : JSON.parse(text) }))
  } catch (error) {
    answer(400, { error: String(error) })
  }
}

// The answer to this very command must still get out, hence the moment before the connections are cut.
function goDownFor(slack: FakeSlack, ms: number): void {
  setTimeout(() => void slack.goDown(), 20)
  setTimeout(() => void slack.listen(), ms + 20)
}
