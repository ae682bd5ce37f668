import { PROBLEMS, type ProblemCode } from './problem-catalogue.ts'

/** One field that is wrong, and what to send instead. */
export interface FieldError {
  /** Where it is, e.g. `query.limit` or `body.assignee.id`. */
  readonly path: string
  readonly message: string
}

export interface ProblemDetails {
  /** What is wrong with this request and what to do, for people. */
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
  /** Further members of the answer, such as the current incident of a conflict. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** A problem of the catalogue, thrown by routes and answered by the error handler as `application/problem+json`. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly details: ProblemDetails

  constructor(code: ProblemCode, details: ProblemDetails) {
    super(details.detail, { cause: details.cause })
    this.name = 'ProblemError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return PROBLEMS[this.code].status
  }
}
