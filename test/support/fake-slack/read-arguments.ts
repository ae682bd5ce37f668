import type { IncomingMessage } from 'node:http'
import { isObject, type JsonObject } from './schema-checks.ts'

/** The arguments of a request, with nested JSON parsed. */
export interface ParsedArguments {
  readonly args: JsonObject
  /** Arguments that should have been JSON and were not. */
  readonly malformed: readonly string[]
  /** Slack's error name when the body cannot be read at all. */
  readonly error?: string
}

const JSON_ARGUMENTS = ['blocks', 'attachments', 'metadata', 'view']
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** Reads a whole request body; fails when it is absurdly large or breaks off. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Error('The request body is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads the arguments of a Web API call from its query, form or JSON body. */
export function parseArguments(body: string, request: IncomingMessage): ParsedArguments {
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://fake').searchParams)
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (body === '') return parseNested(query)
  if (type === undefined) return { args: query, malformed: [], error: 'missing_post_type' }
  if (type === 'application/x-www-form-urlencoded') {
    return parseNested({ ...query, ...Object.fromEntries(new URLSearchParams(body)) })
  }
  if (type !== 'application/json') return { args: query, malformed: [], error: 'invalid_post_type' }
  try {
    const parsed: unknown = JSON.parse(body)
    return isObject(parsed)
      ? parseNested({ ...query, ...parsed })
      : { args: query, malformed: [], error: 'json_not_object' }
  } catch {
    return { args: query, malformed: [], error: 'invalid_json' }
  }
}

/** The token of a request; Slack takes it from the header or from a form, never from a JSON body. */
export function tokenOf(request: IncomingMessage, args: JsonObject): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  const inBody = isJson ? undefined : args['token']
  return bearer ?? (typeof inBody === 'string' && inBody !== '' ? inBody : undefined)
}

function parseNested(raw: JsonObject): ParsedArguments {
  const args: Record<string, unknown> = {}
  const malformed: string[] = []
  for (const [name, value] of Object.entries(raw)) {
    if (value === null) continue
    args[name] = value
    if (!JSON_ARGUMENTS.includes(name) || typeof value !== 'string') continue
    try {
      args[name] = JSON.parse(value)
    } catch {
      malformed.push(name)
    }
  }
  return { args, malformed }
}
