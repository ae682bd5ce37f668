import type { z } from 'zod'
import type { CliContext } from './cli-context.ts'
import { CliFailure } from './cli-failure.ts'

export const DEFAULT_URL = 'http://127.0.0.1:9009'

const ANSWER_WAIT_MS = 15_000

export interface ServerCall {
  /** Where the server is, as the person wrote it. */
  readonly url: string
  readonly path: string
  readonly method?: 'GET' | 'POST'
  readonly body?: unknown
  /** A token of a source or an API key. */
  readonly credential?: string | undefined
  /** How the person gives that credential: told when the server refuses it. */
  readonly credentialRemedy: string
}

/**
 * Calls a running server and answers the JSON of a success. Throws a `CliFailure` for everything else: not
 * reachable, refused, or no Nunchi at all.
 */
export async function callServer(context: Pick<CliContext, 'fetch'>, call: ServerCall): Promise<unknown> {
  const target = targetOf(call)
  const response = await send(context, call, target)
  const text = await response.text().catch(() => '')
  if (response.ok) return jsonOf(text, target)
  throw refusal(response.status, detailOf(text), call, target)
}

function targetOf({ url, path }: ServerCall): URL {
  const base = /^https?:\/\//i.test(url) ? url : `http://${url}`
  if (!URL.canParse(base)) throw new CliFailure(`${url} is no address.`, `Write --url as in ${DEFAULT_URL}.`)
  return new URL(path.replace(/^\//, ''), base.endsWith('/') ? base : `${base}/`)
}

async function send({ fetch }: Pick<CliContext, 'fetch'>, call: ServerCall, target: URL): Promise<Response> {
  const { method = 'GET', body, credential } = call
  try {
    return await fetch(target, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(credential && { authorization: `Bearer ${credential}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WAIT_MS),
    })
  } catch (error) {
    throw unreachable(error, target.origin)
  }
}

function unreachable(error: unknown, origin: string): CliFailure {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  const code = cause?.code ?? ''
  if (name === 'TimeoutError') {
    return new CliFailure(
      `${origin} did not answer within ${ANSWER_WAIT_MS / 1000} seconds.`,
      'Look at the log of the server.',
    )
  }
  const remedy = 'Start the server with `nunchi serve`, or name where it runs with --url.'
  if (code === 'ECONNREFUSED') return new CliFailure(`Nothing answers at ${origin}.`, remedy)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CliFailure(`The name in ${origin} leads nowhere.`, remedy)
  return new CliFailure(`${origin} cannot be reached${code === '' ? '' : ` (${code})`}.`, remedy, { cause: error })
}

function jsonOf(text: string, target: URL): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    throw new CliFailure(`What answers at ${target.origin} is not Nunchi.`, 'Name where Nunchi runs with --url.')
  }
}

function refusal(status: number, detail: string, call: ServerCall, target: URL): CliFailure {
  const said = detail === '' ? '' : ` It says: ${detail}`
  if (status === 401) {
    const what = call.credential ? 'refuses these credentials' : 'wants credentials'
    return new CliFailure(`${target.origin} ${what} (401).`, call.credentialRemedy)
  }
  if (status === 403) return new CliFailure(`${target.origin} does not allow this (403).${said}`, call.credentialRemedy)
  if (status === 404) return new CliFailure(`${target.origin} does not know ${target.pathname} (404).${said}`, '')
  if (status === 503)
    return new CliFailure(
      `${target.origin} cannot do it right now (503).${said}`,
      'Try again in a moment; /readyz says what is wrong.',
    )
  return new CliFailure(
    `${target.origin} answered ${status} to ${target.pathname}.${said}`,
    'Look at the log of the server.',
  )
}

/** The sentence for people in a problem document; control characters of a stranger's answer stay out of the terminal. */
function detailOf(text: string): string {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: unknown; title?: unknown }
    const words = typeof detail === 'string' ? detail : typeof title === 'string' ? title : ''
    return printable(words)
  } catch {
    return ''
  }
}

/** An answer in the form that this program knows. Throws a `CliFailure` for any other. */
export function readAnswer<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  throw new CliFailure(
    'The server answers in a form that this program does not know.',
    'Use the same version of Nunchi on both sides.',
  )
}

/** Text of a server as it may be shown in a terminal: one line, no control characters, not endless. */
export function printable(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, 500)
    .trim()
}
