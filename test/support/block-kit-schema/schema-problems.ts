import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'

// Unions of types are how the generator writes them, and some limits stand beside a type that they belong to.
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false })
const validate = ajv.compile(
  JSON.parse(readFileSync(new URL('./message-blocks.schema.json', import.meta.url), 'utf8')) as object,
)

/** What the types of `@slack/types` say against these blocks; empty when they are blocks that our messages may use. */
export function schemaProblems(blocks: unknown): readonly string[] {
  if (validate(blocks)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
