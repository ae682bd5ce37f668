import { LogUnavailableError } from '../delivery-log.ts'

/** Codes of the JetStream API, and what they mean for those who run it. */
const API_FAULTS: Readonly<Record<number, string>> = {
  10005:
    'NATS finds too few servers for the number of replicas: a log with `replicas: 3` needs a cluster of three servers with JetStream',
  10008: 'JetStream is not available at the moment: its cluster has no leader',
  10009: 'JetStream is not available at the moment: its cluster has no leader',
  10023: 'NATS has no space left for the log',
  10028: 'NATS has no space left for the log',
  10039: 'JetStream is not enabled for this NATS account',
  10047: 'NATS has no space left for the log',
  10059: 'its stream is gone from NATS',
  10065: 'another stream of this NATS server takes the subjects of the log: choose another `log.stream`',
  10074: 'the NATS server is no cluster, and a log with `replicas: 3` needs one of three servers',
  10076: 'JetStream is not enabled on the NATS server: start it with `jetstream {}`',
  10077: 'NATS has no space left for the log',
}

/** Codes of a passing state, after which the same request is sent again. */
const PASSING_CODES: ReadonlySet<number> = new Set([10008, 10009, 10158, 10164, 10167])

/** What NATS answers with in the place of a result. */
export interface NatsApiError {
  readonly err_code?: number
  readonly code?: number
  readonly description?: string
}

/** Says in words what an error of the JetStream API means. */
export function apiFaultText({ err_code: code = 0, description = 'it gave no reason' }: NatsApiError): string {
  const known = API_FAULTS[code]
  return known ?? `NATS answered ${code}: ${description}`
}

/** Whether the same request may succeed a moment later. */
export function isPassingFault({ err_code: code = 0 }: NatsApiError): boolean {
  return PASSING_CODES.has(code)
}

/** Turns whatever the NATS client throws into the one error that the intake knows. Never holds a password. */
export function natsFault(error: unknown): LogUnavailableError {
  if (error instanceof LogUnavailableError) return error
  return new LogUnavailableError(natsFaultText(error), error)
}

function natsFaultText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const api = apiErrorOf(error)
  if (api) return apiFaultText(api)
  switch (error.name) {
    case 'JetStreamNotEnabled':
      return 'nobody answers for JetStream: it is not enabled on the NATS server, or its cluster has no leader'
    case 'PermissionViolationError':
      return `the NATS user lacks a permission: ${error.message}`
    case 'AuthorizationError':
    case 'UserAuthenticationExpiredError':
      return 'NATS refuses the login: check the user and password, token or credentials file'
    case 'TimeoutError':
      return 'NATS does not answer in time'
    case 'ClosedConnectionError':
      return 'the connection to NATS is closed'
    default: {
      const { cause } = error
      return cause instanceof Error && cause !== error ? natsFaultText(cause) : error.message
    }
  }
}

/** The error that the JetStream API answered with, when that is what was thrown. */
export function apiErrorOf(error: unknown): NatsApiError | null {
  if (!(error instanceof Error) || !('apiError' in error) || typeof error.apiError !== 'function') return null
  return error.apiError() as NatsApiError
}
