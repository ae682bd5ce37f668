import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml'
import type { ConfigProblem } from './config-shape.ts'
import { type Path, valueAt } from './schema-paths.ts'

/** Larger is no configuration of ours. */
const LARGEST_FILE_CHARACTERS = 1024 * 1024

/** A configuration file that was read: its data, and where in the text each part of it stands. */
export interface YamlFile {
  readonly tree: Readonly<Record<string, unknown>>
  /** `nunchi.yaml:12:5` for the value at a path, or for the nearest thing above it; null for no place. */
  readonly locate: (path: Path) => string | null
  /** The same for the key that ends the path. */
  readonly locateKey: (path: Path) => string | null
}

/** One wrong bracket can make every line after it wrong. */
const MOST_MISTAKES = 10

const REMEDY_BY_CODE: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Remove one of the two.',
  TAB_AS_INDENT: 'Indent with spaces.',
  MULTIPLE_DOCS: 'Keep one document: remove the second `---` and what follows it.',
  TAG_RESOLVE_FAILED: 'Remove the `!tag`; a secret from a file is written as `{ file: /run/secrets/name }`.',
  BAD_ALIAS: 'Write the value out.',
}
const GENERAL_REMEDY = 'Check indentation, quotes and brackets there; `nunchi.example.yaml` shows the form.'

/**
 * Reads YAML text. Everything wrong with it is told with its line and column, never with its content, which
 * may be a secret. Aliases are refused: they can blow up a small file without bound.
 */
export function readYaml(
  text: string,
  name: string,
): { readonly file: YamlFile | null; readonly problems: readonly ConfigProblem[] } {
  const refuse = (problem: string, remedy: string, at = '') => ({
    file: null,
    problems: [{ path: name, problem: problem + at, remedy }],
  })
  if (text.length > LARGEST_FILE_CHARACTERS) {
    return refuse('is larger than 1 MiB', 'Name the configuration file of Nunchi, not another one.')
  }
  const lines = new LineCounter()
  const at = (offset: number) => `${name}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: 'error',
    })
    const mistakes: readonly YAMLError[] = [...document.errors, ...document.warnings].slice(0, MOST_MISTAKES)
    if (mistakes.length > 0) return { file: null, problems: mistakes.map((mistake) => explain(mistake, name, at)) }
    const alias = firstAlias(document)
    if (alias !== null) {
      return refuse('uses an alias (`*name`), which is not supported', 'Write the value out.', ` (${at(alias)})`)
    }
    const tree: unknown = document.toJS() ?? {}
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
      return refuse('is not a map of settings', 'Write `key: value` lines; `nunchi.example.yaml` shows the form.')
    }
    return { file: { tree: tree as Record<string, unknown>, ...locators(document.contents, at) }, problems: [] }
  } catch (error) {
    // Text that is nested too deeply overflows the stack of the parser.
    const reason = error instanceof RangeError ? 'is nested too deeply' : 'cannot be read as YAML'
    return refuse(reason, GENERAL_REMEDY)
  }
}

function explain(mistake: YAMLError, name: string, at: (offset: number) => string): ConfigProblem {
  const sentence = mistake.message.split(/[\n;]/)[0] ?? ''
  // These two quote what the file says.
  const isQuoting = mistake.code === 'TAG_RESOLVE_FAILED' || mistake.code === 'BAD_ALIAS'
  const problem = isQuoting
    ? 'uses a tag or an alias, which is not supported'
    : `is not valid YAML: ${lowerFirst(sentence)}`
  return {
    path: name,
    problem: `${problem} (${at(mistake.pos[0])})`,
    remedy: REMEDY_BY_CODE[mistake.code] ?? GENERAL_REMEDY,
  }
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function firstAlias(document: ReturnType<typeof parseDocument>): number | null {
  let offset: number | null = null
  visit(document, {
    Alias: (_, node) => {
      offset = node.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

function locators(contents: Node | null, at: (offset: number) => string): Pick<YamlFile, 'locate' | 'locateKey'> {
  const nodeAt = (path: Path): Node | null => {
    const node = path.length === 0 || !hasGetIn(contents) ? contents : contents.getIn(path, true)
    return isNode(node) ? node : null
  }
  const locate = (path: Path): string | null => {
    const offset = nodeAt(path)?.range?.[0]
    if (offset !== undefined) return at(offset)
    return path.length === 0 ? null : locate(path.slice(0, -1))
  }
  const locateKey = (path: Path): string | null => {
    const parent = nodeAt(path.slice(0, -1))
    const pairs = isMap(parent) ? parent.items : []
    const pair = pairs.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === path.at(-1))
    const offset = pair && isScalar(pair.key) ? pair.key.range?.[0] : undefined
    return offset === undefined ? locate(path) : at(offset)
  }
  return { locate, locateKey }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value
}

function hasGetIn(node: Node | null): node is Node & { getIn: (path: Path, keepScalar: boolean) => unknown } {
  return node !== null && 'getIn' in node
}

/** Whether a file says anything at a path. */
export function saysAt(file: YamlFile | null, path: Path): boolean {
  return file !== null && (valueAt(file.tree, path) ?? null) !== null
}
