import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod'
import { ScopeMissingError } from '../domain/require-scope.ts'
import { LogUnavailableError } from '../intake/delivery-log/delivery-log.ts'
import { InvalidCursorError } from '../store/cursor.ts'
import { isStorageFault } from '../store/transaction.ts'
import { safeHeaders } from './answer-headers.ts'
import type { ProblemCode } from './problem-catalogue.ts'
import { type FieldError, ProblemError } from './problem-error.ts'
import { replyWithProblem } from './problem-reply.ts'

const RETRY_AFTER_SECONDS = 2

/** Answers any error as a problem of the catalogue. Faults of ours are logged whole and told without their text. */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request)
  if (problem.status >= 500) {
    const facts = { err: error, method: request.method, route: request.routeOptions?.url }
    request.log[problem.status === 503 ? 'warn' : 'error'](facts, `request failed: ${problem.code}`)
  }
  // Errors that the framework raises before routing pass no hook.
  return replyWithProblem(problem, request, reply.headers(safeHeaders(request.id)))
}

/** Sorts an error into the catalogue. What nobody foresaw is `internal-error`. */
function problemOf(error: unknown, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof ScopeMissingError) {
    return new ProblemError('scope-missing', { detail: `This needs the scope "${error.scope}".` })
  }
  if (error instanceof InvalidCursorError) {
    return new ProblemError('invalid-request', {
      detail: 'Not valid: query.cursor.',
      errors: [{ path: 'query.cursor', message: error.message }],
    })
  }
  if (hasZodFastifySchemaValidationErrors(error))
    return invalidRequest(error.validationContext ?? 'body', error.validation)
  const framework = frameworkProblem(error, request)
  if (framework !== null) return framework
  if (error instanceof LogUnavailableError || isStorageFault(error)) {
    return new ProblemError('unavailable', {
      detail: 'The storage cannot be reached or is full; nothing was changed.',
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      cause: error,
    })
  }
  return new ProblemError('internal-error', {
    detail: 'The request could not be completed. The log of the server has the details under this request id.',
    cause: error,
  })
}

const MOST_FIELD_ERRORS = 20

type Validation = readonly {
  readonly instancePath: string
  readonly message?: string | undefined
  readonly params: Record<string, unknown>
}[]

function invalidRequest(context: string, validation: Validation): ProblemError {
  const part = context === 'querystring' ? 'query' : context === 'params' ? 'path' : context
  const errors = validation.slice(0, MOST_FIELD_ERRORS).map(({ instancePath, message }): FieldError => {
    const path = [part, ...instancePath.split('/').filter((step) => step !== '')].join('.')
    return { path, message: fieldWords(message ?? 'is not valid') }
  })
  const fields = errors.map(({ path }) => path).join(', ')
  return new ProblemError('invalid-request', { detail: `Not valid: ${fields}.`.slice(0, 500), errors })
}

const MISSING = /^Invalid input: expected (.+), received undefined$/

function fieldWords(message: string): string {
  const missing = MISSING.exec(message)
  return (missing ? `is missing: expected ${missing[1]}` : message).slice(0, 300)
}

function typeWords(contentType: string | undefined): string {
  return contentType === undefined
    ? 'has no content type'
    : `is ${JSON.stringify(contentType.slice(0, 100))}, which is not read here`
}

/** Errors that Fastify raises before a route runs, by code. */
const FRAMEWORK_CODES: Readonly<Record<string, { readonly code: ProblemCode; readonly detail: string }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid-json', detail: 'The body cannot be parsed as JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid-json', detail: 'The body is empty.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'malformed-request',
    detail: 'The body is not as long as `content-length` says.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported-media-type', detail: 'The content type is not read here.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body-too-large', detail: 'The body is larger than this route takes.' },
  FST_ERR_BAD_URL: { code: 'malformed-request', detail: 'The path is not a valid URL path: check its percent signs.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'not-found', detail: 'No id is that long.' },
}

function frameworkProblem(error: unknown, request: FastifyRequest): ProblemError | null {
  if (!(error instanceof Error) || isResponseSerializationError(error)) return null
  const { code, statusCode } = error as Partial<FastifyError>
  const known = FRAMEWORK_CODES[code ?? '']
  if (known) {
    const detail =
      known.code === 'unsupported-media-type'
        ? `The body ${typeWords(request.headers['content-type'])}; send application/json.`
        : known.detail
    return new ProblemError(known.code, { detail, cause: error })
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return new ProblemError('invalid-json', { detail: 'The body cannot be parsed as JSON.', cause: error })
  if (statusCode === 503)
    return new ProblemError('unavailable', {
      detail: 'The server is stopping.',
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      cause: error,
    })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('malformed-request', { detail: 'The request cannot be read.', cause: error })
  return null
}
