import * as z from 'zod'
import { DEFAULT_TENANT, SCOPES } from '../../domain/actor.ts'
import { CHANNEL } from './channel-section.ts'
import { LOG_LEVELS } from './config-shape.ts'
import { DATABASE } from './database-section.ts'
import { HEARTBEAT } from './dead-man-section.ts'
import { LOG, NATS } from './log-section.ts'
import { PERSON } from './people-section.ts'
import { QUIET_HOURS } from './quiet-hours-section.ts'
import { ROUTE } from './route-section.ts'
import { durationText, refuse, secretText, setting, sizeText } from './setting.ts'
import { SLACK, WORKSPACE } from './slack-section.ts'
import { SOURCE } from './source-section.ts'

const SHORTEST_API_KEY = 32
const RANDOM_KEY = 'Make one with `openssl rand -hex 32`.'

function apiKeyText() {
  return secretText((key) =>
    key.length >= SHORTEST_API_KEY
      ? null
      : {
          problem: `has ${key.length} characters; a key needs at least ${SHORTEST_API_KEY}, so that nobody can guess it`,
          remedy: RANDOM_KEY,
        },
  )
}

const API_KEY = z.strictObject({
  name: setting(z.string().regex(/^[A-Za-z0-9._-]{1,60}$/), {
    about: 'Unique. It is written beside everything that is done with the key.',
    examples: ['grafana-reader'],
    remedy: 'Use 1 to 60 letters, digits, `.`, `_` and `-`.',
  }),
  key: setting(apiKeyText(), { about: 'The key itself, 32 characters or more.', isSecret: true, remedy: RANDOM_KEY }),
  scopes: setting(z.array(z.enum(SCOPES)).min(1), {
    about:
      'What it may do: `ingest` sends alerts, `read` reads, `respond` also acts on incidents, `admin` does everything.',
    examples: [['read']],
    remedy: `List some of ${SCOPES.map((scope) => `\`${scope}\``).join(', ')}.`,
  }),
})

const REDIS = z.strictObject({
  url: setting(secretText().optional(), {
    about:
      'Where Redis is: `redis://`, `rediss://` (TLS) or `unix://`, a password and the number of the database included. Used by the thread store `redis`.',
    env: 'REDIS_URL',
    isSecret: true,
    otherwise: '`redis://127.0.0.1:6379/0`',
  }),
  keyPrefix: setting(z.string().min(1).prefault('threader:ts'), {
    about: 'What the names of its keys begin with.',
    env: 'REDIS_KEY_PREFIX',
  }),
})

const THREADS = z.strictObject({
  store: setting(z.enum(['database', 'file', 'redis']).prefault('database'), {
    about:
      'Where the thread of each thread key is remembered. With `redis` the database keeps them as well, so that a Redis that is away costs nothing.',
    env: 'THREAD_STORE',
  }),
  file: setting(z.string().min(1).optional(), {
    about: 'The JSON file of the store `file`.',
    env: 'THREAD_STORE_FILE',
    otherwise: '`<dataDir>/threads.json`',
    examples: ['/var/lib/alert-threader/threads.json'],
  }),
})

const RETENTION = z.strictObject({
  bodies: setting(durationText({ atLeast: '1h' }).prefault('14d'), {
    about: 'How long deliveries are kept exactly as they came.',
  }),
  bodiesSize: setting(sizeText({ atLeast: '64MiB' }).prefault('10GiB'), {
    about: 'How much room they may take; the oldest go first.',
  }),
  events: setting(durationText({ atLeast: '1d' }).prefault('90d'), {
    about: 'How long the single observations of alerts are kept. Incidents stay.',
  }),
})

const INTAKE = z.strictObject({
  maxBody: setting(sizeText({ atLeast: '64KiB', atMost: '256MiB' }).prefault('64MiB'), {
    about: 'The largest body that is read whole. What is beyond it is cut and told as an alert of its own.',
  }),
})

/** Without a path for a query: links are made by adding to it. */
function publicUrlText() {
  return z.string().superRefine((text, ctx) => {
    const address = URL.parse(text)
    const isWhole = address !== null && /^https?:$/.test(address.protocol)
    if (!isWhole) refuse(ctx, { problem: `is \`${text.slice(0, 80)}\`, which is no address of http or https` })
    else if (address.search + address.hash + address.username !== '')
      refuse(ctx, { problem: 'has a user name, a `?` or a `#`, to which no path can be added' })
  })
}

/** The configuration file, whole. Strict: a key that is not here is a mistake. */
export const CONFIG_FILE = z.strictObject({
  host: setting(z.string().min(1).regex(/^\S+$/).prefault('127.0.0.1'), {
    about: 'The address to listen on. Anything but a loopback address needs credentials.',
    env: 'HOST',
    examples: ['0.0.0.0'],
  }),
  port: setting(z.int().min(0).max(65_535).prefault(9009), {
    about: 'The port to listen on.',
    env: 'PORT',
    fromText: 'integer',
    remedy: 'Write a number from 1 to 65535 (0 takes any free port).',
  }),
  dataDir: setting(z.string().min(1).prefault('./data'), {
    about: 'The folder of everything that must survive a restart.',
    env: 'NUNCHI_DATA_DIR',
  }),
  environment: setting(z.string().min(1).max(60).prefault('production'), {
    about: 'The name of this installation. Alerts without a label `environment` get it.',
    env: 'ENVIRONMENT',
  }),
  logLevel: setting(z.enum(LOG_LEVELS).prefault('info'), {
    about: 'The least level that is logged.',
    env: 'LOG_LEVEL',
    fromText: 'lowercase',
  }),
  tenant: setting(
    z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .prefault(DEFAULT_TENANT),
    {
      about: 'The organisation that everything belongs to.',
      remedy: 'Use 1 to 40 of `a`–`z`, `0`–`9` and `-`.',
    },
  ),
  ingestToken: setting(secretText().optional(), {
    about: 'What senders present to every source that has no token of its own.',
    env: 'NUNCHI_INGEST_TOKEN',
    isSecret: true,
    remedy: RANDOM_KEY,
  }),
  adminKey: setting(apiKeyText().optional(), {
    about: 'An API key that may do everything, 32 characters or more.',
    env: 'NUNCHI_API_KEY',
    isSecret: true,
    remedy: RANDOM_KEY,
  }),
  apiKeys: setting(z.array(API_KEY).prefault([]), {
    about: 'Further API keys. `nunchi create-api-key` makes keys that live in the database instead.',
  }),
  people: setting(z.array(PERSON).max(10_000).prefault([]), {
    about:
      'Who may act on incidents from chat. With an entry, everybody who is not named may only read (`slack.members`).',
  }),
  sources: setting(z.array(SOURCE).prefault([]), {
    about: 'Who sends alerts. Without an entry there is one source of each kind, named as its kind.',
  }),
  publicUrl: setting(publicUrlText().optional(), {
    about: 'The address at which people reach this installation; messages link to it.',
    env: 'NUNCHI_PUBLIC_URL',
    examples: ['https://nunchi.example.com'],
    remedy: 'Write a whole address such as `https://nunchi.example.com`.',
  }),
  slack: setting(SLACK.prefault({}), { about: 'Where incidents are told: one workspace, one channel.' }),
  workspaces: setting(z.array(WORKSPACE).max(50).prefault([]), {
    about: 'Further Slack workspaces; that of `slack` is named `default`.',
  }),
  channels: setting(z.array(CHANNEL).max(200).prefault([]), {
    about: 'Further channels; those of `slack` are `slack` (the bot) and `slack-webhook`.',
  }),
  defaultChannel: setting(z.string().min(1).optional(), {
    about: 'The id of the channel that is told what no route takes.',
    otherwise: '`slack`, `slack-webhook`, or the first of `channels`, whichever is there',
  }),
  routes: setting(z.array(ROUTE).max(500).prefault([]), {
    about: 'Which channels are told what. Without any, the default channel is told everything.',
  }),
  quietHours: setting(z.array(QUIET_HOURS).max(50).prefault([]), {
    about: 'When channels are left in peace, but for what is severe.',
  }),
  threads: setting(THREADS.prefault({}), { about: 'Where the threads of the thread keys are remembered.' }),
  retention: setting(RETENTION.prefault({}), { about: 'What is kept how long.' }),
  intake: setting(INTAKE.prefault({}), { about: 'How alerts are taken in.' }),
  heartbeat: setting(HEARTBEAT.prefault({}), {
    about: 'Tells somebody outside that everything here is alive, from the intake to the jobs.',
  }),
  alertWait: setting(durationText({ atMost: '60s' }).prefault('5s'), {
    about: 'How long `POST /alert` waits for Slack before it answers without a thread.',
    env: 'NUNCHI_ALERT_WAIT_MS',
    fromText: 'milliseconds',
  }),
  database: setting(DATABASE.prefault({}), { about: 'Where the database is.' }),
  redis: setting(REDIS.prefault({}), { about: 'Where Redis is.' }),
  log: setting(LOG.prefault({}), { about: 'Where deliveries are kept before they are answered.' }),
  nats: setting(NATS.prefault({}), { about: 'Where NATS is.' }),
  crashAt: setting(z.string().min(1).optional(), {
    about: 'The named place where the process kills itself, for tests of recovery.',
    env: 'CRASH_AT',
    isHidden: true,
  }),
})

export type ParsedFile = z.output<typeof CONFIG_FILE>
