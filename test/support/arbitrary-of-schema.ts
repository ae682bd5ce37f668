import fc from 'fast-check'

/** A JSON Schema of an OpenAPI 3.1 document, as far as ours use it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** Finds the schema that a `$ref` names. */
export type ResolveRef = (ref: string) => JsonSchema

const LONGEST_TEXT = 60
const MOST_ITEMS = 5

/** Values that a schema allows. */
export function arbitraryOf(schema: JsonSchema, resolve: ResolveRef): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return arbitraryOf(resolve(schema.$ref), resolve)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const union = schema.anyOf ?? schema.oneOf
  if (union) return fc.oneof(...union.map((each) => arbitraryOf(each, resolve)))
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['any'])
  return fc.oneof(...types.map((type) => arbitraryOfType(type, schema, resolve)))
}

function arbitraryOfType(type: string, schema: JsonSchema, resolve: ResolveRef): fc.Arbitrary<unknown> {
  const { minimum, maximum, minLength = 0, maxLength = LONGEST_TEXT } = schema
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({
        ...(minimum !== undefined && { min: minimum }),
        ...(maximum !== undefined && { max: maximum }),
      })
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true })
    case 'string':
      if (schema.pattern !== undefined)
        return fc.stringMatching(new RegExp(schema.pattern)).map((text) => text.slice(0, maxLength))
      return fc.string({
        unit: 'grapheme',
        minLength,
        maxLength: Math.max(minLength, Math.min(maxLength, LONGEST_TEXT)),
      })
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}, resolve), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? MOST_ITEMS, MOST_ITEMS),
      })
    case 'object':
      return arbitraryObject(schema, resolve)
    default:
      return fc.jsonValue()
  }
}

function arbitraryObject({ properties = {}, required = [] }: JsonSchema, resolve: ResolveRef): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, arbitraryOf(schema, resolve)]),
  )
  return fc.record(fields, { requiredKeys: required.filter((name) => name in fields), noNullPrototype: true })
}

/** Values that hardly any schema allows, and that careless code falls over. */
export function hostileValue(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      '\u0000',
      'a\u0000b',
      '\ud800',
      '\u202e\u200b',
      '__proto__',
      'constructor',
      '-1',
      '1e309',
      'NaN',
      '0x10',
      '!',
      '!!',
      '%',
      "' or 1=1 --",
      '<script>alert(1)</script>',
    ),
    fc.constantFrom<unknown>(
      -1,
      0,
      1.5,
      1e308,
      Number.MAX_SAFE_INTEGER,
      true,
      [],
      {},
      [[]],
      { __proto__: null, toString: 1 },
      { length: -1 },
    ),
    fc.constantFrom(1000, 20_000).map((length) => 'x'.repeat(length)),
    fc.constantFrom(20, 500).map(nested),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.jsonValue(),
  )
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value }
  return value
}
