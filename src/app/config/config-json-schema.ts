import * as z from 'zod'
import { CONFIG_FILE } from './config-schema.ts'
import { listSettings } from './schema-paths.ts'
import { REMEDIES, SETTINGS } from './setting.ts'

const SECRET_FILE = {
  type: 'object',
  description: 'The secret is what this file holds. A relative path starts at the folder of this configuration file.',
  properties: { file: { type: 'string', minLength: 1 } },
  required: ['file'],
  additionalProperties: false,
}

/** Draft 7: what the YAML servers of editors understand whole. */
const TARGET = 'draft-7'

type JsonSchema = Record<string, unknown>

/** The JSON Schema of the configuration file, from which editors complete and explain. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(CONFIG_FILE, { io: 'input', target: TARGET, override: decorate }) as JsonSchema
  const properties = schema.properties as JsonSchema
  for (const { path, facts } of listSettings(CONFIG_FILE)) {
    if (facts.isHidden && path.length === 1) delete properties[path[0] as string]
  }
  const { $schema, ...rest } = schema
  return {
    $schema,
    title: 'Nunchi configuration',
    description: 'The file that NUNCHI_CONFIG names. Variables of the environment win over it.',
    ...rest,
  }
}

interface Visit {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: JsonSchema
}

function decorate({ zodSchema, jsonSchema }: Visit): void {
  const facts = SETTINGS.get(zodSchema as z.ZodType)
  if (REMEDIES.has(zodSchema as z.ZodType)) jsonSchema.pattern = '^\\s*[0-9.]'
  if (!facts) return
  jsonSchema.description = facts.env === undefined ? facts.about : `${facts.about} Variable: ${facts.env}.`
  if (facts.isSecret) acceptFile(jsonSchema)
}

function acceptFile(jsonSchema: JsonSchema): void {
  const { type, minLength, ...rest } = jsonSchema
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
  Object.assign(jsonSchema, rest, { anyOf: [{ type, minLength }, SECRET_FILE] })
}
