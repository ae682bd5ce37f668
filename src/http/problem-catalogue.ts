/** One kind of refusal or fault that the HTTP door answers. `docs/errors.md` holds the same table; a test keeps them equal. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** What the caller can do about it. */
  readonly remedy: string
}

/** Every problem that any answer may carry; the key is the end of its `type`. */
export const PROBLEMS = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct the fields named in `errors` and send it again.',
  },
  'invalid-json': {
    status: 400,
    title: 'The body is not valid JSON',
    remedy: 'Send one JSON value in UTF-8, and a `content-length` that fits it.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request is not well-formed HTTP',
    remedy: 'Check the URL, the headers and the framing of the body.',
  },
  'not-authenticated': {
    status: 401,
    title: 'Credentials are missing or wrong',
    remedy: 'Send an API key as `Authorization: Bearer <key>` or `X-Api-Key: <key>`; a source sends its own token.',
  },
  'scope-missing': {
    status: 403,
    title: 'The credentials do not allow this',
    remedy: 'Use a key that has the scope named in `detail`.',
  },
  'host-not-allowed': {
    status: 403,
    title: 'This name does not lead here',
    remedy:
      'Without credentials the API answers only under `localhost`, `127.0.0.1` and `[::1]`: use one of them, or configure API keys.',
  },
  'cross-origin': {
    status: 403,
    title: 'Another site may not change anything here',
    remedy: 'Call from a page of the same host, from a program without an `Origin` header, or with an API key.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    remedy: 'Check the id in the path; retention removes old records.',
  },
  'route-not-found': { status: 404, title: 'There is no such path', remedy: 'See `/openapi.json` for the paths.' },
  'method-not-allowed': {
    status: 405,
    title: 'The path does not take this method',
    remedy: 'Use a method named in the `Allow` header.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    remedy: 'Send the headers within 10 seconds and the whole request within two minutes.',
  },
  'already-there': {
    status: 409,
    title: 'It is already so',
    remedy: 'Show the incident in `incident`; `lastChange` says who did it.',
  },
  'version-changed': {
    status: 409,
    title: 'Somebody changed it first',
    remedy: 'Look at the incident in `incident`, decide again, and send its `version`.',
  },
  'not-allowed-from-here': {
    status: 409,
    title: 'The incident is in a state that does not allow this',
    remedy: 'Offer only what `actions` allows.',
  },
  'another-is-open': {
    status: 409,
    title: 'Another incident of the same key is open',
    remedy: 'Work on the open one; resolve it before this one is reopened.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send less; a command takes at most 1 MiB.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of a type that is not read here',
    remedy: 'Send `content-type: application/json`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    remedy: 'Use a new key for every new command, and the same one only to repeat it unchanged.',
  },
  'header-too-large': { status: 431, title: 'The headers are too large', remedy: 'Send less than 16 KiB of headers.' },
  'internal-error': {
    status: 500,
    title: 'Nunchi made a mistake',
    remedy: 'Report it with the request id in `instance`; the log of the server has the details.',
  },
  unavailable: {
    status: 503,
    title: 'It cannot be done right now',
    remedy: 'Try again after `Retry-After` seconds; `/readyz` says what is wrong.',
  },
  'too-many-streams': {
    status: 503,
    title: 'Too many live streams are open',
    remedy: 'Close streams that nobody reads, or poll; try again after `Retry-After` seconds.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemCode = keyof typeof PROBLEMS

/** The `type` of a problem. */
export function problemType(code: ProblemCode): string {
  return `urn:nunchi:problem:${code}`
}
