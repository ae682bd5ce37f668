import { expect, test } from 'vitest'
import { emailSettingsSchema } from '../notify/channels/email/settings-schema.ts'
import { webhookSettingsSchema } from '../notify/channels/webhook/settings-schema.ts'
import type { Config } from './config/config-shape.ts'
import { describeConfig } from './config/describe-config.ts'
import { type ConfigInput, clientCredentials, readConfig } from './config.ts'
import { engineDataOf } from './engine-data.ts'

const KEY = 'canary-0123456789abcdef0123456789abcdef'

function read(env: Record<string, string>, yaml?: string, more: ConfigInput = {}) {
  const file = yaml === undefined ? {} : { NUNCHI_CONFIG: 'nunchi.yaml' }
  return readConfig({ env: { ...file, ...env }, readFile: () => yaml ?? '', workingFolder: '/srv', ...more })
}

function configOf(env: Record<string, string>, yaml?: string, more?: ConfigInput): Config {
  const result = read(env, yaml, more)
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.config
}

function warningsOf(env: Record<string, string>, yaml?: string): string {
  return read(env, yaml).warnings.join('\n')
}

test('nothing configured: everything has a default, and the door is open to this machine only', () => {
  const config = configOf({})
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 9009,
    isOpen: true,
    dataDir: '/srv/data',
    tenantId: 'default',
  })
  expect(config.database).toEqual({ kind: 'sqlite', path: '/srv/data/nunchi.db' })
  expect(config.threads).toEqual({ store: 'database' })
  expect(config.sources.map(({ name, kind, token }) => [name, kind, token])).toEqual([
    ['alertmanager', 'alertmanager', null],
    ['grafana', 'grafana', null],
    ['generic', 'generic', null],
  ])
  expect(config.sources[0]?.policy.correlation.fields).toEqual([
    'alertname',
    'severity',
    'service',
    'cluster',
    'environment',
  ])
})

test('the command line wins over the environment, the environment over the file, the file over defaults', () => {
  const yaml = 'port: 1\nhost: localhost\nenvironment: file\nlogLevel: debug\n'
  const config = configOf({ PORT: '2', ENVIRONMENT: 'env' }, yaml, { overrides: { PORT: '3' } })
  expect(config).toMatchObject({ port: 3, environment: 'env', logLevel: 'debug', tenantId: 'default' })
  expect(config.origins).toMatchObject({ port: '--port', environment: 'ENVIRONMENT', logLevel: 'nunchi.yaml:4:11' })
})

test('a value of the environment needs no map of the file above it', () => {
  expect(configOf({ SLACK_API_URL: 'http://127.0.0.1:1/api' }, 'slack:\n').slack.apiUrl).toBe('http://127.0.0.1:1/api')
})

test('an empty variable and an empty key say nothing', () => {
  expect(configOf({ SLACK_BOT_TOKEN: '', PORT: '  ' }, 'port:\nslack:\nsources:\n').port).toBe(9009)
})

test('the configuration cannot be changed', () => {
  const config = configOf(
    { NUNCHI_API_KEY: KEY },
    'sources: [{ name: a, kind: generic, settings: { labels: { x: y } } }]',
  )
  expect(Object.isFrozen(config)).toBe(true)
  expect(Object.isFrozen(config.sources[0]?.policy.lifecycle)).toBe(true)
  const settings = config.sources[0]?.settings as { labels?: object } | undefined
  expect(Object.isFrozen(settings?.labels)).toBe(true)
  expect(settings?.labels).toEqual({ x: 'y' })
})

const doors: readonly [env: Record<string, string>, expected: boolean | 'refused', why: string][] = [
  [{ HOST: 'localhost' }, true, 'a loopback address'],
  [{ HOST: '::1' }, true, 'the loopback address of IPv6'],
  [{ HOST: '127.1.2.3' }, true, 'all of 127/8 is loopback'],
  [{ NUNCHI_API_KEY: KEY }, false, 'a key was configured, so it counts'],
  [{ NUNCHI_INGEST_TOKEN: 'token' }, false, 'a token was configured, so it counts'],
  [{ HOST: '0.0.0.0' }, 'refused', 'others can reach it'],
  [{ HOST: '::' }, 'refused', 'others can reach it'],
  [{ HOST: '127.0.0.1.example.com' }, 'refused', 'a name that only looks like loopback'],
  [{ HOST: '0.0.0.0', NUNCHI_API_KEY: KEY }, 'refused', 'anybody could send alerts'],
  [{ HOST: '0.0.0.0', NUNCHI_INGEST_TOKEN: 'token' }, 'refused', 'anybody could resolve incidents'],
  [{ HOST: '0.0.0.0', NUNCHI_API_KEY: KEY, NUNCHI_INGEST_TOKEN: 'token' }, false, 'both are protected'],
]
for (const [env, expected, why] of doors) {
  test(`${Object.keys(env).join(' + ')}=${env.HOST ?? '…'} is ${expected === true ? 'open' : expected === false ? 'closed' : expected} (${why})`, () => {
    const result = read(env)
    expect(result.ok ? result.config.isOpen : 'refused').toBe(expected)
  })
}

test('where strangers come, a source that nobody declared and that has no token is off, and that is said', () => {
  const yaml = 'host: 0.0.0.0\nsources: [{ name: eu, kind: alertmanager, token: abc }]\n'
  expect(configOf({ NUNCHI_API_KEY: KEY }, yaml).sources.map(({ name }) => name)).toEqual(['eu'])
  expect(warningsOf({ NUNCHI_API_KEY: KEY }, yaml)).toContain('/webhook/grafana')
})

test('a declared source of the name of its kind replaces the default one', () => {
  const yaml = 'sources: [{ name: grafana, kind: grafana, token: own }]\n'
  const config = configOf({ NUNCHI_INGEST_TOKEN: 'shared' }, yaml)
  expect(config.sources.map(({ name, isImplicit, token }) => [name, isImplicit, token?.reveal()])).toEqual([
    ['grafana', false, 'own'],
    ['alertmanager', true, 'shared'],
    ['generic', true, 'shared'],
  ])
})

test('durations and sizes become milliseconds and bytes', () => {
  const yaml = `
sources:
  - name: eu
    kind: alertmanager
    correlation: { fields: [alertname], window: 1h }
    lifecycle: { holdOff: 90s, flap: { threshold: 5, window: 1m } }
retention: { bodies: 7d, bodiesSize: 1GiB }
`
  const config = configOf({ NUNCHI_ALERT_WAIT_MS: '1500', ENVIRONMENT: 'test' }, yaml)
  expect(config.sources[0]?.policy).toMatchObject({
    correlation: { fields: ['alertname'], windowMs: 3_600_000, environment: 'test' },
    lifecycle: { holdOffMs: 90_000, flapThreshold: 5, flapWindowMs: 60_000, flapHoldOffMs: 300_000 },
  })
  expect(config.retention).toMatchObject({ bodiesMs: 604_800_000, bodiesMaxBytes: 1_073_741_824 })
  expect(config.alertWaitMs).toBe(1500)
})

test('secrets come from files: by a variable, or in the file, relative to it', () => {
  const files: Record<string, string> = {
    '/etc/nunchi/nunchi.yaml': 'ingestToken: { file: secrets/token }\n',
    '/etc/nunchi/secrets/token': 'from-file\n',
    '/run/secrets/key': `${KEY}\n`,
  }
  const env = { NUNCHI_CONFIG: '/etc/nunchi/nunchi.yaml', NUNCHI_API_KEY_FILE: '/run/secrets/key' }
  const config = configOf(env, undefined, { readFile: (path) => files[path] ?? '' })
  expect(config.sources[0]?.token?.reveal()).toBe('from-file')
  expect(config.apiKeys.map(({ name, key, scopes }) => [name, key.reveal(), scopes])).toEqual([
    ['admin-key', KEY, ['admin']],
  ])
})

test('what the environment of a container brings by itself is not told as a mistake', () => {
  const env = {
    NUNCHI_SERVICE_HOST: '10.0.0.1',
    NUNCHI_PORT: 'tcp://10.0.0.1:9009',
    NUNCHI_PORT_9009_TCP: 'x',
    DB_PORT: 'tcp://10.0.0.2:3306',
  }
  expect(read(env)).toMatchObject({ ok: true, warnings: [] })
})

test('an unknown variable of ours is told, with the one that was meant', () => {
  expect(warningsOf({ NUNCHI_DATADIR: '/x' })).toBe(
    'NUNCHI_DATADIR is set, but Nunchi knows no such variable. Did you mean NUNCHI_DATA_DIR?',
  )
})

const warnings: readonly [env: Record<string, string>, expected: RegExp][] = [
  [{ NATS_URL: 'nats://127.0.0.1', NUNCHI_LOG: 'embedded' }, /NATS_URL is set, but not used: .* `embedded`/],
  [{ NATS_URL: 'nats://u:p@nats-1' }, /way to NATS at nats-1:4222 is not encrypted/],
  [{ NATS_URL: 'nats://127.0.0.1,nats://127.0.0.2' }, /one copy although NATS has several servers/],
  [{ THREAD_STORE_FILE: '/t.json' }, /set THREAD_STORE=file/],
  [
    { DATABASE_URL: 'mysql://u:p@127.0.0.1/n', THREAD_STORE: 'file', NUNCHI_DATA_DIR: '/d' },
    /`threads\.store` is `file`: .*\/d\/threads\.json.* each node .*THREAD_STORE to `redis` or `database`/,
  ],
  [{ NUNCHI_INGEST_TOKEN: 'x' }, /no API key: the API refuses everybody/],
  [{ NUNCHI_API_KEY: KEY }, /Every program of this machine may send alerts to alertmanager, grafana, generic/],
  [{ HOST: '0.0.0.0', NUNCHI_API_KEY: KEY, NUNCHI_INGEST_TOKEN: 'short' }, /could be guessed/],
  [
    { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C0123456789', SLACK_WEBHOOK_URL: 'https://hooks.slack.com/x' },
    /The channel slack-webhook is told nothing/,
  ],
]
for (const [env, expected] of warnings) {
  test(`${Object.keys(env).join(' + ')} is fine, but said: ${expected.source}`, () => {
    expect(read(env).ok).toBe(true)
    expect(warningsOf(env)).toMatch(expected)
  })
}

test('threads in a file are nobody else’s business where the database is a file as well, and in a database or Redis they are shared', () => {
  expect(read({ THREAD_STORE: 'file' })).toMatchObject({ ok: true, warnings: [] })
  for (const store of ['database', 'redis'])
    expect(read({ DATABASE_URL: 'mysql://u:p@127.0.0.1/n', THREAD_STORE: store })).toMatchObject({
      ok: true,
      warnings: [],
    })
})

test('the thread file lies in the data folder unless it is named', () => {
  expect(configOf({ THREAD_STORE: 'file', NUNCHI_DATA_DIR: '/d' }).threads).toEqual({
    store: 'file',
    path: '/d/threads.json',
  })
  expect(configOf({ THREAD_STORE: 'file', THREAD_STORE_FILE: '/t.json' }).threads).toEqual({
    store: 'file',
    path: '/t.json',
  })
})

test('relative and absolute databases', () => {
  expect(configOf({ DATABASE_URL: 'sqlite:./x.db' }).database).toEqual({ kind: 'sqlite', path: '/srv/x.db' })
  expect(configOf({ DATABASE_URL: 'sqlite:///var/x.db' }).database).toEqual({ kind: 'sqlite', path: '/var/x.db' })
})

test('a file that is no configuration at all is refused in one sentence, whatever is in it', () => {
  for (const yaml of [
    '['.repeat(100_000),
    '\0\0\0',
    '}{',
    'x'.repeat(2_000_000),
    '__proto__: { port: 1 }',
    '? [a, b]\n: c',
    '- '.repeat(9000),
  ]) {
    const result = read({}, yaml)
    expect(result.ok).toBe(false)
    expect(JSON.stringify(result).length).toBeLessThan(5000)
  }
})

test('the description shows where each value came from and no secret', () => {
  const yaml = `
sources:
  - { name: eu, kind: generic, token: canary-source, settings: { title: a.b } }
apiKeys:
  - { name: reader, key: ${KEY}, scopes: [read] }
slack: { webhookUrl: 'https://hooks.slack.com/services/canary' }
`
  const env = { SLACK_BOT_TOKEN: 'xoxb-canary', SLACK_CHANNEL: 'C0123456789', REDIS_URL: 'redis://:canary@127.0.0.1' }
  const description = describeConfig(configOf(env, yaml))
  expect(description).not.toContain('canary')
  expect(description).toMatch(/^port: 9009 +# default$/m)
  expect(description).toMatch(/^ {2}channel: C0123456789 +# SLACK_CHANNEL$/m)
  expect(description).toMatch(/^ {4}token: <secret> +# nunchi.yaml:3:\d+$/m)
  expect(description).toMatch(/^ {6}title: a\.b +# nunchi.yaml:3:\d+$/m)
})

test('the commands that talk to a server find token and key where the server does', () => {
  expect(clientCredentials({ NUNCHI_INGEST_TOKEN: 't' })).toEqual({ ingestToken: 't', apiKey: undefined })
})

function channelsOf(env: Record<string, string>, yaml?: string) {
  const { channels, defaultChannel } = configOf(env, yaml)
  return { ids: channels.map(({ id, kind, label }) => `${id} (${kind}) ${label}`), defaultChannel }
}

const BOT = { SLACK_BOT_TOKEN: 'xoxb-canary', SLACK_CHANNEL: 'C0123456789' }
const WEBHOOK = { SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/canary' }
const LISTED = "channels: [{ id: a, kind: slack-webhook, settings: { url: 'https://hooks.example.com/canary' } }]\n"

const told: readonly [
  env: Record<string, string>,
  yaml: string | undefined,
  ids: readonly string[],
  defaultChannel: string,
  why: string,
][] = [
  [
    {},
    undefined,
    ['preview (preview) none (messages are listed at /api/v1/notifications/would-be)'],
    'preview',
    'nothing is configured',
  ],
  [BOT, undefined, ['slack (slack) C0123456789'], 'slack', 'the short form with a bot'],
  [
    WEBHOOK,
    undefined,
    ['slack-webhook (slack-webhook) incoming webhook'],
    'slack-webhook',
    'the short form with a webhook',
  ],
  [
    { ...BOT, ...WEBHOOK },
    undefined,
    ['slack (slack) C0123456789', 'slack-webhook (slack-webhook) incoming webhook'],
    'slack',
    'both exist, and the bot goes first',
  ],
  [
    WEBHOOK,
    LISTED,
    ['slack-webhook (slack-webhook) incoming webhook', 'a (slack-webhook) incoming webhook'],
    'slack-webhook',
    'the short form goes before the list',
  ],
  [{}, LISTED, ['a (slack-webhook) incoming webhook'], 'a', 'the first of the list'],
  [
    WEBHOOK,
    `${LISTED}defaultChannel: a`,
    ['slack-webhook (slack-webhook) incoming webhook', 'a (slack-webhook) incoming webhook'],
    'a',
    'the file says which',
  ],
]
for (const [env, yaml, ids, defaultChannel, why] of told) {
  test(`told are ${ids.join(', ')}, by default ${defaultChannel} (${why})`, () => {
    expect(channelsOf(env, yaml)).toEqual({ ids, defaultChannel })
  })
}

test('a bot without a channel of its own serves the channels of the list', () => {
  const yaml = 'channels: [{ id: a, kind: slack, settings: { channel: C0AAAA } }]\n'
  const config = configOf({ SLACK_BOT_TOKEN: 'xoxb-canary' }, yaml)
  expect(config.channels.map(({ id }) => id)).toEqual(['a'])
  expect(config.workspaces.map(({ name, botToken }) => [name, botToken.reveal()])).toEqual([['default', 'xoxb-canary']])
})

test('a channel is made with the token and the edits of its workspace, and looks as `slack` says where it says nothing', () => {
  const yaml = `
slack: { language: ko, timeZone: Asia/Seoul, titlePrefix: prod, footer: here }
workspaces: [{ name: emea, botToken: xoxb-emea, apiUrl: 'https://proxy.example.com/api', editsPerMinute: 7 }]
channels:
  - { id: a, kind: slack, settings: { workspace: emea, channel: C0AAAA, template: threader, timeZone: Europe/Berlin, footer: '' } }
`
  const data = engineDataOf(configOf({}, yaml), { file: '/x' } as never, { kind: 'embedded', path: '/log' })
  expect(data.channels).toEqual([
    {
      id: 'a',
      kind: 'slack',
      storm: { newIncidents: 20, perMs: 60_000, quietMs: 120_000 },
      settings: {
        id: 'a',
        workspace: 'emea',
        botToken: 'xoxb-emea',
        apiUrl: 'https://proxy.example.com/api/',
        editsPerMinute: 7,
        channel: 'C0AAAA',
        template: {
          preset: 'threader',
          language: 'ko',
          timeZone: 'Europe/Berlin',
          titlePrefix: 'prod',
          footer: null,
          flapQuietMs: 300_000,
          hasButtons: false,
        },
        postsPerSecond: 1,
        burst: 4,
        timeoutMs: 10_000,
      },
    },
  ])
  expect(structuredClone(data)).toEqual(data)
})

function templateFor(yaml: string): object {
  const { channels } = engineDataOf(configOf({}, yaml), { file: '/x' } as never, { kind: 'embedded', path: '/log' })
  return channels.map(({ settings }) => (settings as { template: object }).template).at(-1) ?? {}
}

const INCOMING = 'channels: [{ id: a, kind: slack-webhook, settings: { url: https://hooks.example.com/x } }]'
const SECRET = 'signingSecret: 0123456789abcdef0123456789abcdef'
const buttons: readonly [yaml: string, hasButtons: boolean, why: string][] = [
  ['slack: { botToken: xoxb-a, channel: C0AAAA }', false, 'Slack would tell nobody of a click'],
  [`slack: { botToken: xoxb-a, channel: C0AAAA, ${SECRET} }`, true, 'clicks arrive by HTTP'],
  ['slack: { botToken: xoxb-a, channel: C0AAAA, appToken: xapp-1 }', true, 'clicks arrive by Socket Mode'],
  [`slack: { ${SECRET} }`, true, 'the preview shows what would be posted'],
  ['', false, 'the preview shows what would be posted'],
  [`slack: { ${SECRET} }\n${INCOMING}`, false, 'an incoming webhook has no buttons'],
  [
    `slack: { botToken: xoxb-a, channel: C0AAAA, ${SECRET} }
workspaces: [{ name: b, botToken: xoxb-b }]
channels: [{ id: b, kind: slack, settings: { workspace: b, channel: C0BBBB } }]`,
    false,
    'the secret is that of another workspace',
  ],
]
for (const [yaml, hasButtons, why] of buttons) {
  test(`${JSON.stringify(yaml)} has ${hasButtons ? '' : 'no '}buttons (${why})`, () => {
    expect(templateFor(yaml)).toMatchObject({ hasButtons })
  })
}

test('the preview looks as `slack` says', () => {
  expect(templateFor('slack: { template: threader, language: ko, titlePrefix: prod }')).toMatchObject({
    preset: 'threader',
    language: 'ko',
    titlePrefix: 'prod',
  })
})

const zones: readonly [slack: string, ofMessages: string | null, ofHours: string][] = [
  ['{ template: cloudwatch-ko }', null, 'UTC'],
  ['{ template: cloudwatch-ko, timeZone: Europe/Berlin }', 'Europe/Berlin', 'Europe/Berlin'],
]
for (const [slack, ofMessages, ofHours] of zones) {
  test(`slack: ${slack} writes times in ${ofMessages ?? 'the zone of the template'}, and reads hours in ${ofHours}`, () => {
    const yaml = `slack: ${slack}
${INCOMING}
routes: [{ match: { hours: '09:00-18:00' }, channels: [a] }]
quietHours: [{ from: '22:00', to: '07:00' }]
`
    const { routing } = engineDataOf(configOf({}, yaml), { file: '/x' } as never, { kind: 'embedded', path: '/log' })
    expect(templateFor(yaml)).toMatchObject({ timeZone: ofMessages })
    expect(routing.root.routes[0]?.match.hours).toMatchObject([{ timeZone: ofHours }])
    expect(routing.quietHours).toMatchObject([{ hours: { timeZone: ofHours } }])
  })
}

test('a storm of 0 is never, for one channel or for all', () => {
  const yaml = `${LISTED.replace('settings:', 'storm: { newIncidents: 5, per: 30s }, settings:')}slack: { storm: { newIncidents: 0 } }`
  const config = configOf(WEBHOOK, yaml)
  expect(config.channels.map(({ storm }) => storm)).toEqual([
    null,
    { newIncidents: 5, perMs: 30_000, quietMs: 120_000 },
  ])
})

test('the public address has no slash at its end', () => {
  expect(configOf({ NUNCHI_PUBLIC_URL: 'https://nunchi.example.com/base//' }).publicUrl).toBe(
    'https://nunchi.example.com/base',
  )
})

const doubts: readonly [yaml: string, expected: RegExp][] = [
  [LISTED, /^$/],
  [`${LISTED}routes: [{ match: { labels: ['severity="critical"'] } }]`, /`match.severity` also hears/],
  [`${LISTED}routes: [{ match: { source: nagios } }]`, /no source of that name is configured/],
]
for (const [yaml, expected] of doubts) {
  test(`${yaml.slice(LISTED.length)} is fine, but said: ${expected.source}`, () => {
    expect(warningsOf({}, yaml)).toMatch(expected)
  })
}

const OTHER_KINDS = `
channels:
  - id: pager
    kind: webhook
    settings: { url: 'https://hooks.example.com/canary', secret: canary-0123456789, headers: { Authorization: canary }, timeout: 1500ms }
  - id: mail
    kind: email
    settings: { host: smtp.example.com, user: nunchi, password: canary, from: a@example.com, to: [b@example.com, c@example.com], timeout: 1m }
`

test('a webhook and a mail are made as their own schemas would have them, secrets in the clear', () => {
  const { channels } = engineDataOf(configOf({}, OTHER_KINDS), { file: '/x' } as never, {
    kind: 'embedded',
    path: '/log',
  })
  const [pager, mail] = channels.map(({ settings }) => settings)
  const told = { url: 'https://hooks.example.com/canary', secret: 'canary-0123456789', timeoutMs: 1_500 }
  expect(pager).toEqual({ ...webhookSettingsSchema.parse(pager), id: 'pager', ...told })
  expect(pager).toMatchObject({ headers: { Authorization: 'canary' }, messagesPerSecond: 5 })
  expect(mail).toEqual({ ...emailSettingsSchema.parse(mail), id: 'mail', password: 'canary', timeoutMs: 60_000 })
})

test('a webhook and a mail are described in the form of the file, without a secret; labels name no address of a webhook', () => {
  const config = configOf({}, OTHER_KINDS)
  const description = describeConfig(config)
  expect(description).toMatch(/timeout: 1500ms .*timeout: 1m /s)
  expect(description).toMatch(/Authorization: <secret>/)
  const labels = config.channels.map(({ label }) => label)
  expect(labels).toEqual(['outgoing webhook', 'b@example.com and 1 more'])
  expect(description + JSON.stringify(config)).not.toContain('canary')
})

test('the description of channels and routes can be read as a file again, but for its secrets', () => {
  const yaml = `${LISTED}routes:
  - { name: severe, match: { severity: ['>=error', info], labels: ['team=~"a b|c"'] }, channels: [a], mentions: { critical: ['@here'] } }
quietHours: [{ from: '22:00', to: '07:00' }]
`
  const first = configOf({}, yaml)
  const description = describeConfig(first).replaceAll(/token: <secret>|: <secret>/g, (text) =>
    text.startsWith('token') ? '' : ': https://hooks.example.com/x',
  )
  const again = configOf({}, description)
  expect(again.routes).toEqual(first.routes)
  expect(again.quietHours).toEqual(first.quietHours)
  expect(again.channels.map(({ id, mentions, storm }) => ({ id, mentions, storm }))).toEqual(
    first.channels.map(({ id, mentions, storm }) => ({ id, mentions, storm })),
  )
})

test('who is named decides what everybody else may do', () => {
  const membersOf = (yaml: string) => {
    const read = readConfig({ env: { NUNCHI_CONFIG: 'n.yaml' }, readFile: () => yaml })
    return read.ok ? read.config.slack.members : read.problems
  }
  const people = 'people: [{ name: Minji, email: minji@example.com }]'
  expect(membersOf('{}')).toBe('respond')
  expect(membersOf(people)).toBe('read')
  expect(membersOf(`${people}\nslack: { members: none }`)).toBe('none')
})
