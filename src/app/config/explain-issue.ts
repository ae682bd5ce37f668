import type { z } from 'zod'
import { objectionOf } from './ask-schema.ts'
import { CONFIG_FILE } from './config-schema.ts'
import type { ConfigProblem } from './config-shape.ts'
import { didYouMean } from './did-you-mean.ts'
import { factsAt, keysAt, type Path, pathText, schemaAt, valueAt } from './schema-paths.ts'
import { type Objection, REMEDIES, type SettingFacts } from './setting.ts'

type Issue = z.core.$ZodIssue

/** Where a value came from, for the words about it. */
export interface IssueContext {
  readonly tree: unknown
  /** The variable or flag that gave the value at a path, or null. */
  readonly variableAt: (path: Path) => string | null
  /** ` (nunchi.yaml:12:5)`, or nothing where no file says anything. */
  readonly placeOf: (path: Path, what: 'key' | 'value') => string
}

/** Turns a refusal of the schema into words for people. Values of secrets are never quoted. */
export function explainIssue(issue: Issue, context: IssueContext): readonly ConfigProblem[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, path, context))
  const facts = factsAt(CONFIG_FILE, path, context.tree)
  const { problem, remedy } = objectionTo(issue, facts, valueAt(context.tree, path), context.tree)
  const variable = context.variableAt(path)
  return [
    {
      path: variable ?? pathText(path),
      problem: variable === null ? problem + context.placeOf(path, 'value') : problem,
      remedy: remedy ?? facts.remedy ?? remedyFromFacts(facts),
    },
  ]
}

function unknownKey(key: string, path: Path, context: IssueContext): ConfigProblem {
  const known = keysAt(CONFIG_FILE, path, context.tree)
  const near = didYouMean(key, known)
  const listed =
    known.length === 0 ? 'Remove it.' : `Remove it; the keys here are ${known.filter(isPublic).join(', ')}.`
  const whole = [...path, key]
  return {
    path: pathText(whole),
    problem: `is not a setting${context.placeOf(whole, 'key')}`,
    remedy: near === null ? listed : `Did you mean \`${near}\`? Otherwise remove it.`,
  }
}

function isPublic(key: string): boolean {
  return key !== 'crashAt'
}

function objectionTo(issue: Issue, facts: SettingFacts, value: unknown, tree: unknown): Objection {
  const shown = facts.isSecret ? 'not what it must be' : `\`${shorten(quoted(value))}\``
  switch (issue.code) {
    case 'custom':
      return issue.params === undefined ? ownWords(issue.message, shown) : (issue.params as unknown as Objection)
    case 'invalid_type':
      return wrongType({ expected: issue.expected, value, shown, path: issue.path as Path, tree })
    case 'invalid_value':
      return wrongChoice(issue.values.map(String), value, shown)
    case 'invalid_union':
      return wrongKind(issue, value, shown)
    case 'too_small':
    case 'too_big':
      return wrongSize(issue, value, shown)
    case 'invalid_format':
      return { problem: `is ${shown}, which is not allowed here` }
    default:
      return { problem: `is ${shown}: ${issue.message}` }
  }
}

/** What the schema of an integration says in its own words: `problem; remedy`. */
function ownWords(message: string, shown: string): Objection {
  if (message === 'Invalid input') return { problem: `is ${shown}, which is not allowed here` }
  const objection = objectionOf(message)
  return { ...objection, problem: `is ${shown}, but ${objection.problem}` }
}

const WORD_BY_TYPE: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a map of settings',
  record: 'a map',
}

interface WrongType {
  readonly expected: string
  readonly value: unknown
  readonly shown: string
  readonly path: Path
  readonly tree: unknown
}

function wrongType({ expected, value, shown, path, tree }: WrongType): Objection {
  const wanted = WORD_BY_TYPE[expected] ?? expected
  if (value === undefined || value === null) {
    const isEntry = typeof path.at(-1) === 'number'
    return isEntry ? { problem: 'is empty', remedy: `Write ${wanted}, or remove it.` } : { problem: 'is missing' }
  }
  const problem = `must be ${wanted}, but is ${wordFor(value)}`
  if (expected === 'string' && typeof value !== 'object')
    return wrongText(value, problem, schemaAt(CONFIG_FILE, path, tree))
  if (typeof value === 'string' && /^(?:number|int|boolean)$/.test(expected)) {
    const remedy = `Write ${wanted} without quotes.`
    return { problem: `is ${shown}, which is not ${wanted}`, ...(expected === 'boolean' && { remedy }) }
  }
  const keys = expected === 'object' ? keysAt(CONFIG_FILE, path, tree) : []
  if (keys.length > 0)
    return { problem, remedy: `Write indented \`key: value\` lines below it, with ${keys.join(', ')}.` }
  if (expected === 'array') return { problem, remedy: 'Write its entries below it, each behind `- `.' }
  return { problem }
}

/** YAML makes a number of `14` and a truth of `true`: either the unit is missing, or the quotes. */
function wrongText(value: unknown, problem: string, schema: z.ZodType | undefined): Objection {
  const remedy = schema && REMEDIES.get(schema)?.remedy
  if (remedy === undefined) return { problem, remedy: 'Put it into quotes.' }
  return { problem: typeof value === 'number' ? `is \`${value}\`, which has no unit` : problem, remedy }
}

function wordFor(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return WORD_BY_TYPE[typeof value] ?? typeof value
}

function wrongChoice(choices: readonly string[], value: unknown, shown: string): Objection {
  const list = choices.map((choice) => `\`${choice}\``).join(', ')
  if (value === undefined) return { problem: 'is missing', remedy: `Write one of ${list}.` }
  const near = typeof value === 'string' ? didYouMean(value, choices) : null
  const hint = near === null ? '' : `Did you mean \`${near}\`? `
  return { problem: `is ${shown}, which is none of ${list}`, remedy: `${hint}Write one of ${list}.` }
}

function wrongKind(issue: Issue & { code: 'invalid_union' }, value: unknown, shown: string): Objection {
  const options = (issue as { options?: readonly unknown[] }).options
  if (options !== undefined) return wrongChoice(options.map(String), value, shown)
  // Of a setting that is one or a list, the form that was written says best what is wrong with it.
  const own = issue.errors.flat().find(({ code, path }) => code === 'custom' && path.length === 0)
  if (own?.code === 'custom' && own.params !== undefined) return own.params as unknown as Objection
  return { problem: `is ${shown}, which is not allowed here` }
}

function wrongSize(issue: Issue & { code: 'too_small' | 'too_big' }, value: unknown, shown: string): Objection {
  const isSmall = issue.code === 'too_small'
  const bound = isSmall ? issue.minimum : issue.maximum
  if (typeof value === 'number') {
    return { problem: `is ${shown}, which is too ${isSmall ? 'small' : 'large'}`, remedy: boundRemedy(issue, bound) }
  }
  if (isSmall && (value === '' || (Array.isArray(value) && value.length === 0))) return { problem: 'is empty' }
  const unit = typeof value === 'string' ? 'characters' : 'entries'
  return {
    problem: `has too ${isSmall ? 'few' : 'many'} ${unit}`,
    remedy: `Write ${bound} ${unit} or ${isSmall ? 'more' : 'fewer'}.`,
  }
}

function boundRemedy(issue: Issue & { code: 'too_small' | 'too_big' }, bound: number | bigint): string {
  if (issue.code === 'too_big') return `Write ${bound} or less.`
  return issue.inclusive ? `Write ${bound} or more.` : `Write more than ${bound}.`
}

function remedyFromFacts(facts: SettingFacts): string {
  const example = facts.examples?.[0]
  return example === undefined ? `What it is for: ${facts.about}` : `Write for example \`${JSON.stringify(example)}\`.`
}

/** Anything that is not plainly printable is escaped, so that a value cannot forge lines. */
function quoted(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[^\p{C}`]+$/u.test(value)
  return isPlain ? value : (JSON.stringify(value) ?? 'nothing')
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
