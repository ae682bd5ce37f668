import { CONFIG_FILE } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { didYouMean } from './did-you-mean.ts'
import { type ListedSetting, listSettings, type Path } from './schema-paths.ts'

/** Text of a file, or an exception with a `code` as `node:fs` throws it. */
export type ReadFile = (path: string) => string

export type Environment = Readonly<Record<string, string | undefined>>

/** A value that the environment or a flag gives to a setting. */
export interface Assignment {
  readonly path: Path
  readonly value: unknown
  /** The variable or flag, as people know it. */
  readonly origin: string
}

export interface ReadEnvironment {
  readonly assignments: readonly Assignment[]
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly string[]
}

/** The variable that names the configuration file; it is no setting of the file itself. */
export const CONFIG_FILE_VARIABLE = 'NUNCHI_CONFIG'

/** A Kubernetes service or a linked container named `nunchi` puts these into the environment of its neighbours. */
const LINK_VARIABLE = /^NUNCHI_(?:SERVICE_(?:HOST|PORT)|PORT)(?:_|$)/

/** The settings that a variable can give. */
export const ENVIRONMENT_SETTINGS: readonly (ListedSetting & { readonly env: string })[] = listSettings(
  CONFIG_FILE,
).flatMap((listed) => (listed.facts.env === undefined ? [] : [{ ...listed, env: listed.facts.env }]))

/** What the environment says, each setting once. An empty variable says nothing, as compose files write it. */
export function readEnvironment(env: Environment, readFile: ReadFile): ReadEnvironment {
  const assignments: Assignment[] = []
  const problems: ConfigProblem[] = []
  for (const { env: name, path, facts } of ENVIRONMENT_SETTINGS) {
    const text = textOf(env, name)
    if (text !== null) assignments.push({ path, value: fromText(text, facts.fromText), origin: name })
    if (!facts.isSecret) continue
    const fileName = `${name}_FILE`
    const file = textOf(env, fileName)
    if (file === null) continue
    if (text !== null) problems.push(saidTwice(name, fileName))
    const read = readSecretFile(file, readFile)
    if (read.ok) assignments.push({ path, value: read.value, origin: fileName })
    else problems.push({ path: fileName, ...read.objection })
  }
  return { assignments, problems, warnings: strangers(env) }
}

function saidTwice(name: string, fileName: string): ConfigProblem {
  return { path: fileName, problem: `is set beside ${name}, and only one can count`, remedy: `Unset one of the two.` }
}

function textOf(env: Environment, name: string): string | null {
  const text = env[name]?.trim() ?? ''
  return text === '' ? null : text
}

/** Text that is no number stays text, so that the schema refuses it in its own words. */
function fromText(text: string, kind: ListedSetting['facts']['fromText']): unknown {
  if (kind === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text
  if (kind === 'lowercase') return text.toLowerCase()
  if (kind === 'milliseconds') return /^\d+$/.test(text) ? `${text}ms` : text
  return text
}

export type ReadSecret =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly objection: { readonly problem: string; readonly remedy: string } }

/** The secret that a file holds, without the line break that editors add. */
export function readSecretFile(path: string, readFile: ReadFile): ReadSecret {
  const remedy = 'Mount the file, and let the user that Nunchi runs as read it.'
  try {
    const value = readFile(path).trim()
    if (value === '') return { ok: false, objection: { problem: `names ${path}, which is empty`, remedy } }
    return { ok: true, value }
  } catch (error) {
    return { ok: false, objection: { problem: `names ${path}, which ${whyUnreadable(error)}`, remedy } }
  }
}

/** Ends a sentence that begins with the name of a file. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read'
  if (code === 'EISDIR') return 'is a folder'
  return `cannot be read (${code})`
}

function strangers(env: Environment): readonly string[] {
  const secretFiles = ENVIRONMENT_SETTINGS.filter(({ facts }) => facts.isSecret).map(({ env: name }) => `${name}_FILE`)
  const known = [CONFIG_FILE_VARIABLE, ...ENVIRONMENT_SETTINGS.map(({ env: name }) => name), ...secretFiles]
  const unknown = Object.keys(env).filter((name) => name.startsWith('NUNCHI_') && !known.includes(name))
  return unknown
    .filter((name) => !LINK_VARIABLE.test(name))
    .map((name) => {
      const near = didYouMean(name, known)
      return `${name} is set, but Nunchi knows no such variable.${near === null ? '' : ` Did you mean ${near}?`}`
    })
}
