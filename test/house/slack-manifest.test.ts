import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { SHORTCUTS } from '../../src/notify/channels/slack/interaction/slack-request.ts'
import { NEEDED_SCOPES } from '../../src/notify/channels/slack/slack-scopes.ts'
import { ROOT, typeScriptFilesIn } from './house-files.ts'

/** What the methods of Slack's API need. A method that is not here has to be looked up: https://docs.slack.dev/reference/methods */
const SCOPES_OF_METHOD: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'apps.connections.open': [],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  // The e-mail address ties an account to a person.
  'users.info': ['users:read', 'users:read.email'],
  'views.open': [],
  'views.publish': [],
}
const SCOPES_OF_EVENT: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
}

interface Manifest {
  readonly features: {
    readonly shortcuts: readonly { readonly callback_id: string; readonly type: string }[]
    readonly slash_commands: readonly { readonly command: string; readonly url?: string }[]
    readonly app_home: { readonly home_tab_enabled: boolean }
  }
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } }
  readonly settings: {
    readonly event_subscriptions: { readonly bot_events: readonly string[]; readonly request_url?: string }
    readonly interactivity: { readonly is_enabled: boolean; readonly request_url?: string }
    readonly socket_mode_enabled: boolean
  }
}

const read = (name: string): Manifest => parse(readFileSync(join(ROOT, 'deploy/slack', name), 'utf8')) as Manifest
const http = read('manifest.yaml')
const socket = read('manifest-socket-mode.yaml')
const sources = typeScriptFilesIn('src').filter(
  ({ path }) => path.startsWith('src/notify/channels/slack/') && !path.endsWith('.test.ts'),
)

/** Methods are called as `client.chat.postMessage(…)` or `client.apiCall('views.open', …)`. */
function calledMethods(): readonly string[] {
  const named = sources.flatMap(({ text }) => [
    ...[...text.matchAll(/client\s*\.((?:\w+\.)+\w+)\(/g)].map((match) => match[1] as string),
    ...[...text.matchAll(/apiCall\('([\w.]+)'/g)].map((match) => match[1] as string),
  ])
  return [...new Set(named)].sort()
}

describe('the manifest of the Slack app', () => {
  test('asks for exactly the scopes that the called methods, the events and the features need', () => {
    const methods = calledMethods()
    expect(methods.filter((method) => !Object.hasOwn(SCOPES_OF_METHOD, method))).toEqual([])
    const events = http.settings.event_subscriptions.bot_events
    const needed = [
      ...methods.flatMap((method) => SCOPES_OF_METHOD[method] ?? []),
      ...events.flatMap((event) => SCOPES_OF_EVENT[event] ?? [`unknown event ${event}`]),
      // Slash commands, and shortcuts in the menu of messages.
      'commands',
    ]
    expect([...http.oauth_config.scopes.bot].sort()).toEqual([...new Set(needed)].sort())
  })

  test('asks for the scopes that the doctor looks for', () => {
    expect(NEEDED_SCOPES.map(({ scope }) => scope)).toEqual(http.oauth_config.scopes.bot)
  })

  test('has the shortcuts and the command that are handled', () => {
    expect(http.features.shortcuts.map(({ callback_id }) => callback_id).sort()).toEqual([...SHORTCUTS].sort())
    expect(http.features.shortcuts.every((shortcut) => shortcut.type === 'message')).toBe(true)
    expect(http.features.slash_commands.map(({ command }) => command)).toEqual(['/nunchi'])
  })

  test('subscribes to the events that are read', () => {
    const reader = sources.find(({ path }) => path.endsWith('/read-interaction.ts'))?.text ?? ''
    for (const event of http.settings.event_subscriptions.bot_events)
      expect(reader).toContain(`'${event.replace(/\..*/, '')}'`)
    expect(http.features.app_home.home_tab_enabled).toBe(true)
  })

  test('sends each kind of request to the door that takes it', () => {
    const address = 'https://nunchi.example.com/slack'
    expect(http.settings.event_subscriptions.request_url).toBe(`${address}/events`)
    expect(http.settings.interactivity.request_url).toBe(`${address}/interactions`)
    expect(http.features.slash_commands[0]?.url).toBe(`${address}/commands`)
  })

  test('is the same in Socket Mode, without addresses', () => {
    const withoutAddresses = JSON.parse(
      JSON.stringify(http, (key, value: unknown) => (key === 'url' || key === 'request_url' ? undefined : value)),
    ) as Manifest
    expect(socket).toEqual({
      ...withoutAddresses,
      settings: { ...withoutAddresses.settings, socket_mode_enabled: true },
    })
  })

  test('is explained: the page says why each scope is needed', () => {
    const page = readFileSync(join(ROOT, 'docs/slack.md'), 'utf8')
    for (const { scope } of NEEDED_SCOPES) expect(page).toContain(`| \`${scope}\` |`)
  })
})
