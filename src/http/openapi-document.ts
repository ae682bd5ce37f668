import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { TAGS } from './contract/describe-route.ts'
import type { HttpDeps } from './http-deps.ts'

const DESCRIPTION = `Every alert kept, folded into incidents, told in one thread each.

Errors are \`application/problem+json\`; their kinds are listed in \`docs/errors.md\`. Lists answer \`items\` and \`nextCursor\`.
Instants are ISO 8601 in UTC. On a loopback address without configured credentials everything is open to this machine; elsewhere send an API key.`

type Transform = Parameters<typeof jsonSchemaTransformObject>[0]
type Json = { [key: string]: unknown }

/** Gathers every route that is added after it into the OpenAPI document that `server.swagger()` gives. At an open door credentials are optional. */
export function collectOpenApi(
  server: FastifyInstance,
  { version, isOpen }: Pick<HttpDeps, 'version' | 'isOpen'>,
): void {
  server.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Nunchi',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      // Relative, so that the document is right behind any proxy.
      servers: [{ url: '/', description: 'This server' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer nunchi_…`.' },
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Api-Key',
            description: 'The same key in a header of its own.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (document: Transform) =>
      tidy(jsonSchemaTransformObject(document) as Json, isOpen) as ReturnType<typeof jsonSchemaTransformObject>,
  })
}

/** Says which bodies may be left away, and drops component schemas that nothing refers to (every one is generated for input and output). */
function tidy(document: Json, isOpen: boolean): Json {
  for (const path of Object.values(document['paths'] as Json)) {
    for (const operation of Object.values(path as Json) as Json[]) {
      if (isOpen && (operation['security'] as unknown[] | undefined)?.length)
        operation['security'] = [{}, ...(operation['security'] as unknown[])]
      const body = operation['requestBody'] as
        | { required: boolean; content: Record<string, { schema: Json }> }
        | undefined
      const schema = body?.content['application/json']?.schema
      if (body && schema) body.required = Array.isArray(schema['required']) && schema['required'].length > 0
    }
  }
  withoutSafeIntegerBounds(document)
  const components = document['components'] as Json
  const schemas = components['schemas'] as Json
  const used = usedSchemas(document['paths'], schemas)
  components['schemas'] = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return document
}

/** "Fits a JavaScript number" says nothing to a reader of the document. */
function withoutSafeIntegerBounds(part: unknown): void {
  if (typeof part !== 'object' || part === null) return
  const schema = part as Json
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum']
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum']
  for (const inner of Object.values(schema)) withoutSafeIntegerBounds(inner)
}

function usedSchemas(paths: unknown, schemas: Json): ReadonlySet<string> {
  const used = new Set<string>()
  const follow = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      follow(schemas[name])
    }
  }
  follow(paths)
  return used
}
