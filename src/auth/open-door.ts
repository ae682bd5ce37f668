/** What of a request decides whether a browser may have been tricked into sending it. */
export interface DoorRequest {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`, which no page can forge. */
  readonly fetchSite: string | undefined
}

// The last two are how a container names the machine it runs on; no page on the web can be served under them.
const LOCAL_NAMES: ReadonlySet<string> = new Set([
  'localhost',
  '127.0.0.1',
  '[::1]',
  'host.docker.internal',
  'host.containers.internal',
])
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Why a request without credentials is refused at a door that stands open to this machine, or null.
 * `host-not-allowed` stops DNS rebinding: a page of evil.example whose name suddenly means 127.0.0.1.
 * `cross-origin` stops forms and scripts of other sites that post to 127.0.0.1.
 */
export function refusalAtOpenDoor(request: DoorRequest): 'host-not-allowed' | 'cross-origin' | null {
  if (!LOCAL_NAMES.has(hostName(request.host))) return 'host-not-allowed'
  if (SAFE_METHODS.has(request.method)) return null
  if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin' && request.fetchSite !== 'none')
    return 'cross-origin'
  if (request.origin !== undefined && originHost(request.origin) !== request.host?.toLowerCase()) return 'cross-origin'
  return null
}

function hostName(host: string | undefined): string {
  return (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '')
}

/** Null for `null` (sandboxed frames, files) and for anything that is no origin: nobody's host. */
function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : null
}
