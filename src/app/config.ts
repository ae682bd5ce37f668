import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { buildConfig } from './config/build-config.ts'
import { checkTogether } from './config/check-together.ts'
import { type CombinedSettings, combineSettings, isSaid } from './config/combine-settings.ts'
import type { Config, ConfigProblem } from './config/config-shape.ts'
import { explainIssue } from './config/explain-issue.ts'
import { parseLeniently } from './config/parse-leniently.ts'
import {
  CONFIG_FILE_VARIABLE,
  ENVIRONMENT_SETTINGS,
  type Environment,
  type ReadFile,
  readEnvironment,
  whyUnreadable,
} from './config/read-environment.ts'
import { readYaml, type YamlFile } from './config/read-yaml.ts'
import { type Path, pathText } from './config/schema-paths.ts'

export interface ConfigInput {
  /** Default: the environment of the process. */
  readonly env?: Environment
  /** What the command line says, by the name of the variable it replaces. It wins over everything. */
  readonly overrides?: Environment
  readonly readFile?: ReadFile
  /** What relative paths start from. Default: the working folder of the process. */
  readonly workingFolder?: string
}

export type ReadConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly warnings: readonly string[] }

const FLAG_BY_VARIABLE: Readonly<Record<string, string>> = {
  HOST: '--host',
  PORT: '--port',
  NUNCHI_DATA_DIR: '--data-dir',
  NUNCHI_CONFIG: '--config',
}

/**
 * Reads the configuration: defaults, then the YAML file that `NUNCHI_CONFIG` names, then the environment, then
 * the command line; later ones win. Never throws for bad input: every problem is answered at once.
 */
export function readConfig({
  env = process.env,
  overrides = {},
  readFile = (path) => readFileSync(path, 'utf8'),
  workingFolder = process.cwd(),
}: ConfigInput = {}): ReadConfig {
  const readHere: ReadFile = (path) => readFile(resolve(workingFolder, path))
  const said = overlay(env, overrides)
  const environment = readEnvironment(said.env, readHere)
  const file = readConfigFile(said.env, readHere, workingFolder)
  const assignments = environment.assignments.map((given) => ({ ...given, origin: said.flagOf(given.origin) }))
  const combined = combineSettings(file.yaml && { yaml: file.yaml, path: file.path }, assignments, readHere)
  const checked = check(combined, file.yaml)
  const early = [...file.problems, ...environment.problems, ...combined.problems]
  const problems = [...early, ...checked.problems.filter(({ path }) => !early.some((other) => other.path === path))]
  if (problems.length > 0) return { ok: false, problems, warnings: environment.warnings }
  const { config, warnings } = buildConfig(checked.value, combined.originByPath, workingFolder)
  return { ok: true, config, warnings: [...environment.warnings, ...warnings] }
}

/** The environment with the command line laid over it, and the name of the flag where one spoke. */
function overlay(env: Environment, overrides: Environment) {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined)
  const merged: Record<string, string | undefined> = { ...env, ...Object.fromEntries(given) }
  const flagOf = (name: string): string => (overrides[name] === undefined ? name : (FLAG_BY_VARIABLE[name] ?? name))
  return { env: merged, flagOf }
}

interface FoundFile {
  readonly yaml: YamlFile | null
  readonly path: string
  readonly problems: readonly ConfigProblem[]
}

function readConfigFile(env: Environment, readFile: ReadFile, workingFolder: string): FoundFile {
  const name = env[CONFIG_FILE_VARIABLE]?.trim() ?? ''
  if (name === '') return { yaml: null, path: '', problems: [] }
  const path = resolve(workingFolder, name)
  try {
    const { file, problems } = readYaml(readFile(path), basename(path))
    return { yaml: file, path, problems }
  } catch (error) {
    const remedy = 'Name a file that Nunchi can read, or unset it to run on defaults and variables.'
    const problem = `names ${path}, which ${whyUnreadable(error)}`
    return { yaml: null, path, problems: [{ path: CONFIG_FILE_VARIABLE, problem, remedy }] }
  }
}

function check(combined: CombinedSettings, yaml: YamlFile | null) {
  const parsed = parseLeniently(combined.tree)
  const variableAt = (path: Path) => combined.variableByPath.get(pathText(path)) ?? null
  const placeOf = (path: Path, what: 'key' | 'value') => {
    if (yaml === null || variableAt(path) !== null) return ''
    const place = what === 'key' ? yaml.locateKey(path) : yaml.locate(path)
    return place === null ? '' : ` (${place})`
  }
  const nameOf = (path: Path) => variableAt(path) ?? pathText(path)
  const issues = parsed.issues.flatMap((issue) => explainIssue(issue, { tree: combined.tree, variableAt, placeOf }))
  const together = checkTogether({
    parsed,
    tree: combined.tree,
    variableAt,
    nameOf,
    placeOf,
    isSaid: (path) => isSaid(combined, yaml, path),
  })
  return { value: parsed.value, problems: [...issues, ...together] }
}

/** What the commands that talk to a running server find in the environment: a token and a key to present. */
export function clientCredentials(env: Environment = process.env): {
  readonly ingestToken: string | undefined
  readonly apiKey: string | undefined
} {
  const found = readEnvironment(env, (path) => readFileSync(path, 'utf8')).assignments
  const assigned = (name: string) => {
    const path = ENVIRONMENT_SETTINGS.find((listed) => listed.env === name)?.path
    return found.find((given) => given.path === path)?.value as string | undefined
  }
  return { ingestToken: assigned('NUNCHI_INGEST_TOKEN'), apiKey: assigned('NUNCHI_API_KEY') }
}
