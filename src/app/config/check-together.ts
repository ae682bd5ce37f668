import { OWN_SOURCE } from '../../intake/dead-man/own-source.ts'
import { checkDatabase } from './check-database.ts'
import { checkLog } from './check-log.ts'
import { checkTold, hasChannelsOfShortWorkspace } from './check-told.ts'
import type { ParsedFile } from './config-schema.ts'
import { ADMIN_KEY_NAME, type ConfigProblem } from './config-shape.ts'
import { isLoopback } from './is-loopback.ts'
import type { Path } from './schema-paths.ts'
import type { Secret } from './secret.ts'
import { SOURCE_KINDS } from './source-kinds.ts'
import type { TogetherContext } from './together-context.ts'

type Check = (context: TogetherContext, value: ParsedFile) => readonly ConfigProblem[]

/** Problems that no single setting has: what belongs together, what must differ, what this version cannot do. */
export function checkTogether(context: TogetherContext): readonly ConfigProblem[] {
  return CHECKS.flatMap((check) => check(context, context.parsed.value))
}

const checkSlackPair: Check = (context) => {
  const { isSaid, nameOf, variableAt } = context
  const token: Path = ['slack', 'botToken']
  const channel: Path = ['slack', 'channel']
  if (isSaid(token) === isSaid(channel)) return []
  if (isSaid(token) && hasChannelsOfShortWorkspace(context)) return []
  const isFromVariable = variableAt(isSaid(token) ? token : channel) !== null
  if (isSaid(token)) {
    const path = isFromVariable ? 'SLACK_CHANNEL' : 'slack.channel'
    const remedy = 'Set it to the id of the channel: its name in Slack → About → Channel ID (C0123456789).'
    return [{ path, problem: `is missing: ${nameOf(token)} is set, but not where to post`, remedy }]
  }
  const path = isFromVariable ? 'SLACK_BOT_TOKEN' : 'slack.botToken'
  const remedy = 'Set it to the bot token (xoxb-…), or unset the channel.'
  return [{ path, problem: `is missing: ${nameOf(channel)} is set, but no bot that could post there`, remedy }]
}

const checkSourceNames: Check = ({ parsed, placeOf }, { sources }) => {
  const kinds = SOURCE_KINDS.map(({ kind }) => kind)
  return sources.flatMap((source, position) => {
    const index = parsed.indexes.sources[position] as number
    const path = `sources[${index}].name`
    const place = placeOf(['sources', index, 'name'], 'value')
    if (source.name === OWN_SOURCE) {
      const problem = `is \`${OWN_SOURCE}\`, the name of the source of what Nunchi says of itself${place}`
      return [{ path, problem, remedy: 'Give it another name.' }]
    }
    const isReserved = kinds.includes(source.name) && source.name !== source.kind
    if (isReserved) {
      const problem = `is \`${source.name}\`, the name of the source behind /webhook/${source.name}, but its kind is \`${source.kind}\`${place}`
      return [{ path, problem, remedy: 'Give it another name, or that kind.' }]
    }
    const earlier = sources.findIndex((other) => other.name === source.name)
    if (earlier === position) return []
    const problem = `is \`${source.name}\`, as is that of sources[${parsed.indexes.sources[earlier]}]${place}`
    return [{ path, problem, remedy: 'Give each source a name of its own.' }]
  })
}

const checkApiKeys: Check = ({ parsed, placeOf }, { apiKeys, adminKey }) =>
  apiKeys.flatMap((entry, position) => {
    const index = parsed.indexes.apiKeys[position] as number
    const at = (key: 'name' | 'key') => `apiKeys[${index}].${key}`
    const problems: ConfigProblem[] = []
    if (entry.name === ADMIN_KEY_NAME) {
      const problem = `is \`${ADMIN_KEY_NAME}\`, the name of the key of NUNCHI_API_KEY${placeOf(['apiKeys', index, 'name'], 'value')}`
      problems.push({ path: at('name'), problem, remedy: 'Give it another name.' })
    }
    if (apiKeys.findIndex((other) => other.name === entry.name) !== position) {
      const problem = `is \`${entry.name}\`, as is that of another key${placeOf(['apiKeys', index, 'name'], 'value')}`
      problems.push({ path: at('name'), problem, remedy: 'Give each key a name of its own.' })
    }
    const others = [...apiKeys.slice(0, position).map((other) => other.key), ...(adminKey ? [adminKey] : [])]
    if (others.some((other) => other.reveal() === entry.key.reveal())) {
      const problem = `is the same as another key${placeOf(['apiKeys', index, 'key'], 'value')}`
      problems.push({ path: at('key'), problem, remedy: 'Make a key for each: `openssl rand -hex 32`.' })
    }
    return problems
  })

const checkPeople: Check = ({ placeOf }, { people }) =>
  people.flatMap(({ email }, index) => {
    const earlier = people.findIndex((other) => other.email.toLowerCase() === email.toLowerCase())
    if (earlier === index) return []
    const problem = `is \`${email}\`, as is that of people[${earlier}]${placeOf(['people', index, 'email'], 'value')}`
    return [{ path: `people[${index}].email`, problem, remedy: 'Name each person once.' }]
  })

const REDIS_SCHEMES = ['redis:', 'rediss:', 'unix:']

const checkAddresses: Check = (context, { redis }) => redisProblem(context, redis.url)

function redisProblem(context: TogetherContext, url: Secret | undefined): readonly ConfigProblem[] {
  const problems = addressProblem(context, ['redis', 'url'], url, REDIS_SCHEMES)
  if (problems.length > 0 || url === undefined) return problems
  if (URL.canParse(url.reveal()) && !url.reveal().includes(',')) return []
  const { nameOf, placeOf } = context
  const path: Path = ['redis', 'url']
  const remedy = 'Write the address of one server, for example `redis://:password@redis.example.com:6379/0`.'
  return [{ path: nameOf(path), problem: `is no address${placeOf(path, 'value')}`, remedy }]
}

function addressProblem(
  { nameOf, placeOf }: TogetherContext,
  path: Path,
  url: Secret | undefined,
  schemes: readonly string[],
): readonly ConfigProblem[] {
  const addresses = url?.reveal().split(',') ?? []
  const isFine = (address: string) => schemes.some((scheme) => address.trim().startsWith(`${scheme}//`))
  if (addresses.every(isFine)) return []
  const wanted = schemes.map((scheme) => `\`${scheme}//\``).join(', ')
  return [
    {
      path: nameOf(path),
      problem: `begins with none of ${wanted}${placeOf(path, 'value')}`,
      remedy: `Write for example \`${schemes[0]}//127.0.0.1\`.`,
    },
  ]
}

/** Everybody may do everything on a loopback address; anywhere else nobody may without a credential. */
const checkSafeByDefault: Check = ({ parsed, isSaid, nameOf }, { host, sources, apiKeys, adminKey }) => {
  if (isLoopback(host)) return []
  const why = `${nameOf(['host'])} is ${host}, which other machines can reach`
  const problems: ConfigProblem[] = []
  const open = [...Array(parsed.sourceCount).keys()].filter((index) => !isSaid(['sources', index, 'token']))
  const names = open.map((index) => {
    const name = sources[parsed.indexes.sources.indexOf(index)]?.name
    return name === undefined ? `sources[${index}]` : `${name} (sources[${index}])`
  })
  if (parsed.sourceCount === 0) names.push(...SOURCE_KINDS.map(({ kind }) => kind))
  if (!isSaid(['ingestToken']) && names.length > 0) {
    const problem = `is missing: ${why}, and these sources take alerts from anybody: ${names.join(', ')}`
    const remedy = 'Set it (`openssl rand -hex 32`), give each source a `token`, or listen on HOST=127.0.0.1.'
    problems.push({ path: 'NUNCHI_INGEST_TOKEN', problem, remedy })
  }
  const isKeySaid = adminKey !== undefined || apiKeys.length > 0 || isSaid(['adminKey']) || isSaid(['apiKeys', 0])
  if (!isKeySaid) {
    const problem = `is missing: ${why}, and without an API key anybody could read and resolve incidents`
    const remedy = 'Set it (`openssl rand -hex 32`), add an entry to `apiKeys`, or listen on HOST=127.0.0.1.'
    problems.push({ path: 'NUNCHI_API_KEY', problem, remedy })
  }
  return problems
}

const CHECKS: readonly Check[] = [
  checkSlackPair,
  checkDatabase,
  checkLog,
  checkSourceNames,
  checkApiKeys,
  checkPeople,
  checkAddresses,
  checkTold,
  checkSafeByDefault,
]
