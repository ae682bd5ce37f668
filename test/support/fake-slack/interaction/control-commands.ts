import type { FakeSlack } from '../fake-slack.ts'
import { isObject, type JsonObject } from '../schema-checks.ts'
import type { UserOptions } from '../slack-user.ts'
import type { EventName } from './event-feed.ts'
import type { AppAddress } from './interactive-slack.ts'
import type { Person } from './person.ts'
import type { Tampering } from './sign-request.ts'
import type { DisconnectReason } from './socket-server.ts'

/** One command of the control API. */
export interface Command {
  readonly slack: FakeSlack
  readonly query: URLSearchParams
  readonly body: unknown
}

/** What a person can be made to do from another process. */
export const ACTIONS = [
  'click',
  'submit',
  'closeView',
  'command',
  'messageShortcut',
  'globalShortcut',
  'openHome',
  'say',
  'react',
] as const

/** The name of something that a person does. */
export type ActionName = (typeof ACTIONS)[number]

/** The commands of the control API that are about people and about the app that hears of them. */
export const INTERACTION_COMMANDS: Readonly<Record<string, (command: Command) => unknown>> = {
  'POST /_control/act': act,
  'POST /_control/users': ({ slack, body }) => slack.addUser(objectOf(body) as unknown as UserOptions),
  'POST /_control/link': ({ slack, body }) => link(slack, objectOf(body)),
  'POST /_control/subscribe': ({ slack, query }) => slack.subscribe(named(query, 'event') as EventName),
  'POST /_control/retry-scale': ({ slack, query }) => {
    slack.retryScale = Number(named(query, 'scale'))
  },
  'POST /_control/resend': async ({ slack, query }) => {
    const delivery = slack.deliveries[Number(named(query, 'delivery')) - 1]
    if (delivery === undefined) throw new Error('There is no such delivery.')
    return await slack.resend(delivery)
  },
  'GET /_control/deliveries': ({ slack, query }) => ({
    deliveries: slack.deliveries.slice(Number(query.get('after') ?? 0)),
  }),
  'GET /_control/person-errors': ({ slack }) => ({ errors: slack.personErrors }),
  'GET /_control/modals': ({ slack, query }) => ({ modals: slack.modals(named(query, 'user')) }),
  'GET /_control/home': ({ slack, query }) => ({ home: slack.home(named(query, 'user')) ?? null }),
  'GET /_control/sockets': ({ slack }) => ({ count: slack.sockets.count, problems: slack.sockets.problems }),
  'DELETE /_control/sockets': ({ slack }) => slack.sockets.cut(),
  'POST /_control/disconnect': ({ slack, query }) =>
    slack.sockets.disconnect((query.get('reason') ?? 'warning') as DisconnectReason),
}

/** An argument that a command cannot do without. */
export function named(query: URLSearchParams, name: string): string {
  const value = query.get(name)
  if (value === null) throw new Error(`The query needs ${name}=….`)
  return value
}

/** The body of a command that needs one. */
export function objectOf(body: unknown): JsonObject {
  if (!isObject(body)) throw new Error('The body must be a JSON object.')
  return body
}

async function act({ slack, body }: Command): Promise<{ result: unknown }> {
  const { user, action, args = [], sending = {} } = objectOf(body)
  if (!ACTIONS.includes(action as ActionName)) throw new Error(`action must be one of ${ACTIONS.join(', ')}.`)
  const person: Person = slack.person(String(user)).sending(sending as Tampering)
  const perform = person[action as ActionName] as (...all: unknown[]) => Promise<unknown>
  return { result: await perform.apply(person, args as unknown[]) }
}

function link(slack: FakeSlack, { kind, address, signingSecret }: JsonObject): void {
  if (kind === 'socket') slack.useSocketMode()
  else slack.useRequestUrls(address as AppAddress, ...(typeof signingSecret === 'string' ? [signingSecret] : []))
}
