import * as z from 'zod'
import { SETTINGS, type SettingFacts } from './setting.ts'

export type Path = readonly (string | number)[]

/** `['sources', 1, 'token']` as people write it: `sources[1].token`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

/** The value at a path of plain data, or undefined. */
export function valueAt(tree: unknown, path: Path): unknown {
  let value = tree
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** A setting as it stands in the schema, whatever the file says. */
export interface ListedSetting {
  /** With `[]` for any entry of a list. */
  readonly path: Path
  readonly facts: SettingFacts
  readonly schema: z.ZodType
  /** The default as it would be written into the file; undefined when there is none. */
  readonly byDefault: unknown
  /** False for a map of settings. */
  readonly isLeaf: boolean
  /** Where the setting exists for one kind of source only. */
  readonly kind?: string
}

/** Every setting of a schema, maps before what is in them. */
export function listSettings(schema: z.ZodType, path: Path = [], kind?: string): readonly ListedSetting[] {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray) return listSettings(inner.element as z.ZodType, [...path, '[]'], kind)
  if (inner instanceof z.ZodDiscriminatedUnion) return listOptions(inner, path)
  if (!(inner instanceof z.ZodObject)) return []
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, child]) => {
    const below = listSettings(child, [...path, key], kind)
    const own = { path: [...path, key], facts: factsOf(child), schema: child, byDefault: defaultOf(child) }
    return [{ ...own, isLeaf: below.length === 0, ...(kind !== undefined && { kind }) }, ...below]
  })
}

/** What the options of a union share is listed once; `settings` is each kind's own. */
function listOptions(union: z.ZodDiscriminatedUnion, path: Path): readonly ListedSetting[] {
  const [first, ...others] = (union.options as z.ZodObject[]).map((option) => {
    const { settings, ...shared } = option.shape as Record<string, z.ZodType>
    const kind = (option.shape.kind as z.ZodLiteral<string>).value
    return { shared: z.object(shared), own: listSettings(z.object({ settings }), path, kind) }
  })
  if (first === undefined) return []
  const own = [first, ...others].flatMap((option) => option.own.slice(1))
  return [...listSettings(first.shared, path), ...first.own.slice(0, 1).map(withoutKind), ...own]
}

function withoutKind({ kind: _, ...listed }: ListedSetting): ListedSetting {
  return { ...listed, byDefault: undefined, isLeaf: false }
}

function defaultOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) return schema.def.defaultValue
  return schema instanceof z.ZodOptional ? defaultOf(schema.def.innerType as z.ZodType) : undefined
}

/** The facts of the setting at a path; those of the nearest one above when the path leads into a value. */
export function factsAt(schema: z.ZodType, path: Path, tree: unknown): SettingFacts {
  let facts: SettingFacts = { about: '' }
  let current: z.ZodType | undefined = schema
  path.forEach((part, index) => {
    current = current && childOf(current, part, valueAt(tree, path.slice(0, index)))
    if (current && (SETTINGS.has(current) || current.description !== undefined)) facts = factsOf(current)
  })
  return facts
}

/** The schema at a path, or undefined when the path leads out of it. */
export function schemaAt(schema: z.ZodType, path: Path, tree: unknown): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema
  for (const [index, part] of path.entries()) {
    current = current && childOf(current, part, valueAt(tree, path.slice(0, index)))
  }
  return current && unwrap(current)
}

/** The keys that a map at a path may have. */
export function keysAt(schema: z.ZodType, path: Path, tree: unknown): readonly string[] {
  const at = schemaAt(schema, path, tree)
  const map = at && optionFor(at, valueAt(tree, path))
  if (map instanceof z.ZodRecord) return choicesOf(map.keyType as z.ZodType)
  return map instanceof z.ZodObject ? Object.keys(map.shape) : []
}

function childOf(schema: z.ZodType, part: string | number, value: unknown): z.ZodType | undefined {
  const inner = optionFor(followed(unwrap(schema)), value)
  if (inner instanceof z.ZodObject) return (inner.shape as Record<string, z.ZodType>)[part]
  if (inner instanceof z.ZodArray) return inner.element as z.ZodType
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType
  return undefined
}

/** A schema that refers to itself is followed one step at a time: listed whole it would have no end. */
function followed(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodLazy ? unwrap(schema.unwrap() as z.ZodType) : schema
}

/** The option of a union by kind that a value chose; the first when it chose none. */
function optionFor(schema: z.ZodType, value: unknown): z.ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema
  const options = schema.options as z.ZodObject[]
  const kind = valueAt(value, ['kind'])
  return options.find((option) => (option.shape.kind as z.ZodLiteral).value === kind) ?? (options[0] as z.ZodObject)
}

/** What a setting may be, where that is a closed list. */
export function choicesOf(schema: z.ZodType): readonly string[] {
  const inner = unwrap(schema)
  return inner instanceof z.ZodEnum ? inner.options.map(String) : []
}

function unwrap(schema: z.ZodType): z.ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault
  if (isWrapper) return unwrap(schema.def.innerType as z.ZodType)
  return schema instanceof z.ZodPipe ? unwrap(schema.def.in as z.ZodType) : schema
}

function factsOf(schema: z.ZodType): SettingFacts {
  return SETTINGS.get(schema) ?? { about: schema.description ?? '' }
}
