import { PREVIEW_CHANNEL } from '../../domain/preview-channel.ts'
import { DEFAULT_WORKSPACE, SHORT_BOT_CHANNEL, SHORT_WEBHOOK_CHANNEL } from './build-told.ts'
import type { ParsedFile } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { didYouMean } from './did-you-mean.ts'
import { findDeadRoutes } from './find-dead-routes.ts'
import { routeTreeOf } from './route-specs.ts'
import { type Path, pathText, valueAt } from './schema-paths.ts'
import type { TogetherContext } from './together-context.ts'

/** Problems between channels, workspaces, routes and quiet hours: what is named twice, and what is named but not there. */
export function checkTold(context: TogetherContext, value: ParsedFile): readonly ConfigProblem[] {
  return [
    ...checkNamesOnce(context, WORKSPACES),
    ...checkNamesOnce(context, CHANNELS),
    ...checkWorkspacesExist(context),
    ...checkChannelsExist(context),
    ...checkRoutes(context, value),
  ]
}

/** Whether a bot without a channel of its own has channels in the list. */
export function hasChannelsOfShortWorkspace({ tree }: TogetherContext): boolean {
  return channelWorkspaces(tree).some(({ name }) => name === DEFAULT_WORKSPACE)
}

interface NamedList {
  readonly list: 'workspaces' | 'channels'
  readonly key: 'name' | 'id'
  /** Names that are taken, and by what. */
  readonly taken: (context: TogetherContext) => ReadonlyMap<string, string>
}

const WORKSPACES: NamedList = {
  list: 'workspaces',
  key: 'name',
  taken: ({ isSaid, nameOf }) =>
    new Map(isSaid(['slack', 'botToken']) ? [[DEFAULT_WORKSPACE, `that of ${nameOf(['slack', 'botToken'])}`]] : []),
}

const CHANNELS: NamedList = {
  list: 'channels',
  key: 'id',
  taken: (context) => {
    const { isSaid, nameOf } = context
    const taken = new Map([[PREVIEW_CHANNEL, 'what is shown while no channel is configured']])
    if (isSaid(['slack', 'botToken']) && isSaid(['slack', 'channel']))
      taken.set(SHORT_BOT_CHANNEL, `the channel of ${nameOf(['slack', 'channel'])}`)
    if (isSaid(['slack', 'webhookUrl'])) taken.set(SHORT_WEBHOOK_CHANNEL, `that of ${nameOf(['slack', 'webhookUrl'])}`)
    return taken
  },
}

function checkNamesOnce(context: TogetherContext, { list, key, taken }: NamedList): readonly ConfigProblem[] {
  const known = new Map(taken(context))
  return writtenNames(context.tree, list, key).flatMap(({ name, path }) => {
    const other = known.get(name)
    known.set(name, pathText(path.slice(0, 2)))
    if (other === undefined) return []
    const problem = `is \`${name}\`, as is ${other}${context.placeOf(path, 'value')}`
    return [{ path: pathText(path), problem, remedy: `Give each of the ${list} a name of its own.` }]
  })
}

interface WrittenName {
  readonly name: string
  readonly path: Path
}

/** Names as they are written, those of entries that could not be read included. */
function writtenNames(tree: unknown, list: string, key: string): readonly WrittenName[] {
  const entries = valueAt(tree, [list])
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry, index) => {
    const name = valueAt(entry, [key])
    return typeof name === 'string' ? [{ name, path: [list, index, key] }] : []
  })
}

function channelWorkspaces(tree: unknown): readonly WrittenName[] {
  const entries = valueAt(tree, ['channels'])
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry, index) => {
    const name = valueAt(entry, ['settings', 'workspace']) ?? DEFAULT_WORKSPACE
    const isOfBot = valueAt(entry, ['kind']) === 'slack' && typeof name === 'string'
    return isOfBot ? [{ name, path: ['channels', index, 'settings', 'workspace'] }] : []
  })
}

function checkWorkspacesExist(context: TogetherContext): readonly ConfigProblem[] {
  const { tree, isSaid, placeOf } = context
  const known = writtenNames(tree, 'workspaces', 'name').map(({ name }) => name)
  if (isSaid(['slack', 'botToken'])) known.unshift(DEFAULT_WORKSPACE)
  return channelWorkspaces(tree).flatMap(({ name, path }) => {
    if (known.includes(name)) return []
    const at = { path: pathText(path) }
    if (name === DEFAULT_WORKSPACE) {
      const problem = `is \`${DEFAULT_WORKSPACE}\`, the workspace of the bot of \`slack\`, but no bot is configured there${placeOf(path, 'value')}`
      return [{ ...at, problem, remedy: 'Set SLACK_BOT_TOKEN, or name one of `workspaces`.' }]
    }
    const problem = `is \`${name}\`, but no workspace has that name${placeOf(path, 'value')}`
    return [{ ...at, problem, remedy: nearest(name, known, 'workspaces') }]
  })
}

function nearest(name: string, known: readonly string[], list: string): string {
  const near = didYouMean(name, known)
  if (near !== null) return `Did you mean \`${near}\`?`
  if (known.length === 0) return `Add it to \`${list}\`.`
  return `Write one of ${known.map((other) => `\`${other}\``).join(', ')}, or add it to \`${list}\`.`
}

function checkChannelsExist(context: TogetherContext): readonly ConfigProblem[] {
  const known = knownChannels(context)
  return namedChannels(context.tree).flatMap(({ name, path }) => {
    if (known.includes(name)) return []
    const problem = `is \`${name}\`, but no channel has that id${context.placeOf(path, 'value')}`
    return [{ path: pathText(path), problem, remedy: nearest(name, known, 'channels') }]
  })
}

function knownChannels(context: TogetherContext): readonly string[] {
  const short = [...CHANNELS.taken(context).keys()].filter((id) => id !== PREVIEW_CHANNEL)
  const known = [...short, ...writtenNames(context.tree, 'channels', 'id').map(({ name }) => name)]
  return known.length === 0 ? [PREVIEW_CHANNEL] : known
}

function namedChannels(tree: unknown): readonly WrittenName[] {
  return [
    ...textsIn([valueAt(tree, ['defaultChannel'])], () => ['defaultChannel']),
    ...channelsOfEntries(tree, ['routes']),
    ...channelsOfEntries(tree, ['quietHours']),
  ]
}

function channelsOfEntries(tree: unknown, path: Path): readonly WrittenName[] {
  const entries = valueAt(tree, path)
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry, index) => {
    const channels = valueAt(entry, ['channels'])
    const own = textsIn(Array.isArray(channels) ? channels : [], (at) => [...path, index, 'channels', at])
    return [...own, ...channelsOfEntries(tree, [...path, index, 'routes'])]
  })
}

function textsIn(values: readonly unknown[], pathOfIndex: (index: number) => Path): readonly WrittenName[] {
  return values.flatMap((name, index) => (typeof name === 'string' ? [{ name, path: pathOfIndex(index) }] : []))
}

function checkRoutes({ parsed, placeOf }: TogetherContext, value: ParsedFile): readonly ConfigProblem[] {
  const root = routeTreeOf({ ...value, defaultChannel: value.defaultChannel ?? '' }, parsed.indexes.routes)
  return findDeadRoutes(root).map(({ path, problem, remedy }) => ({
    path,
    problem: problem + placeOf(pathOf(path), 'value'),
    remedy,
  }))
}

/** `routes[0].routes[1]` as a path again. */
function pathOf(text: string): Path {
  return (text.match(/[^.[\]]+/g) ?? []).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}
