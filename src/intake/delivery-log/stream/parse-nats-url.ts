/** What a `NATS_URL` says: the servers of one cluster, how to log in, and whether over TLS. */
export interface NatsUrl {
  /** `host:port`. */
  readonly servers: readonly string[]
  readonly user: string | null
  readonly password: string | null
  readonly token: string | null
  readonly isTls: boolean
}

export type ParsedNatsUrl =
  | { readonly ok: true; readonly value: NatsUrl }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

const EXAMPLE = 'Write `nats://host:4222`, or several with commas between them.'
const DEFAULT_PORT = 4222

/**
 * Reads a `NATS_URL`: `nats://` or `tls://` (TLS), with `user:password@` or `token@` before the host, several servers of a
 * cluster with commas between them. What is wrong is said without showing any of it, because it often holds a password.
 */
export function parseNatsUrl(text: string): ParsedNatsUrl {
  const urls: URL[] = []
  for (const address of text.split(',')) {
    const trimmed = address.trim()
    if (!/^(?:nats|tls):\/\//i.test(trimmed)) return refused('begins with none of `nats://`, `tls://`')
    const url = URL.parse(trimmed)
    if (url === null || url.hostname === '' || !['', '/'].includes(url.pathname))
      return refused(
        'is no whole address',
        'Signs such as `@`, `/`, `#` and `%` in a password are written as %40, %2F, %23 and %25.',
      )
    urls.push(url)
  }
  const logins = new Set(
    urls.filter(({ username }) => username !== '').map(({ username, password }) => `${username}:${password}`),
  )
  if (logins.size > 1)
    return refused('holds more than one login', 'Log in to all servers of a cluster as the same user.')
  const login = loginOf(urls.find(({ username }) => username !== ''))
  if (login === null) return refused('has a `%` that begins no sign', 'Write a `%` in a user name or password as %25.')
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port === '' ? DEFAULT_PORT : port}`)
  return { ok: true, value: { servers, ...login, isTls: /(?:^|,)\s*tls:/i.test(text) } }
}

function refused(problem: string, remedy = EXAMPLE): ParsedNatsUrl {
  return { ok: false, problem, remedy }
}

function loginOf(url: URL | undefined): Pick<NatsUrl, 'user' | 'password' | 'token'> | null {
  if (!url) return { user: null, password: null, token: null }
  try {
    const [name, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    return url.password === '' ? { user: null, password: null, token: name } : { user: name, password, token: null }
  } catch {
    return null
  }
}
