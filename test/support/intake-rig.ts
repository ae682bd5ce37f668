import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type Logger, pino } from 'pino'
import { foldOf } from '../../src/app/build-fold.ts'
import { createRouting } from '../../src/app/create-routing.ts'
import { adapterOfKind } from '../../src/app/registries.ts'
import { DEFAULT_LIFECYCLE } from '../../src/domain/incident-lifecycle.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { BODY_LIMITS } from '../../src/http/read-body.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createSourceRegistry } from '../../src/intake/source-registry.ts'
import { createDatabaseThreadStore } from '../../src/notify/threads/database-thread-store.ts'
import { createNewId } from '../../src/store/new-id.ts'
import { ALONE } from './alone.ts'
import { InProcessNunchi, type InProcessOptions } from './in-process-nunchi.ts'
import { routingDataTo } from './routing-data.ts'

/** A source of the rig; no token = open. */
export interface RigSource {
  readonly name: string
  readonly kind: string
  readonly token?: string
}

export interface RigOptions extends InProcessOptions {
  readonly sources?: readonly RigSource[]
  /** Replaces what the composition root would give. */
  readonly deps?: Partial<HttpDeps>
  readonly limits?: Partial<HttpDeps['intakeLimits']>
  /** False: nothing is folded until `nunchi.drain()`. */
  readonly isRunning?: boolean
}

/** The HTTP door on a real socket, over the real delivery log, database, engine and (when given) Slack client. */
export interface IntakeRig {
  readonly url: string
  readonly port: number
  readonly nunchi: InProcessNunchi
  readonly deps: HttpDeps
  /** Everything that was logged, at level trace. */
  readonly logged: () => string
  readonly post: (path: string, body: unknown, init?: RequestInit) => Promise<RigReply>
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<RigReply>
  readonly stop: () => Promise<void>
}

export interface RigReply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any
}

const KINDS: readonly RigSource[] = [
  { name: 'alertmanager', kind: 'alertmanager' },
  { name: 'grafana', kind: 'grafana' },
  { name: 'generic', kind: 'generic' },
]

/** Starts a rig; whoever starts it stops it. */
export async function startIntakeRig(options: RigOptions = {}): Promise<IntakeRig> {
  const nunchi = await InProcessNunchi.start({ now: Date.now(), ...options })
  // The engine lives by the clock of the test; here it is the real one.
  const clock = setInterval(() => {
    nunchi.now = Date.now()
  }, 2)
  if (options.isRunning !== false) await nunchi.engine.start()
  const lines: string[] = []
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }) as Logger
  const deps = depsOf(nunchi, logger, options)
  const server = createHttpServer(deps)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    port,
    nunchi,
    deps,
    logged: () => lines.join(''),
    post: async (path, body, init = {}) => {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array
      const headers = { 'content-type': 'application/json', ...(init.headers as object) }
      return await readReply(
        await fetch(url + path, {
          method: 'POST',
          ...init,
          headers,
          body: (isRaw ? body : JSON.stringify(body)) as string,
        }),
      )
    },
    get: async (path, headers = {}) => await readReply(await fetch(url + path, { headers })),
    stop: async () => {
      clearInterval(clock)
      server.server.closeAllConnections()
      await server.close()
      await nunchi.stop()
    },
  }
}

function depsOf(
  nunchi: InProcessNunchi,
  logger: Logger,
  { sources = KINDS, deps, limits, slack }: RigOptions,
): HttpDeps {
  const newId = createNewId()
  const policies = sources.map(({ name, kind }) => ({
    name,
    kind,
    settings: {},
    policy: {
      correlation: { fields: adapterOfKind(kind).correlationDefaults, windowMs: null, environment: 'production' },
      lifecycle: DEFAULT_LIFECYCLE,
      keepsEveryAlert: false,
    },
  }))
  const routing = createRouting(routingDataTo([slack ? 'slack' : 'preview']))
  return {
    routing,
    ...foldOf({ sources: policies }, routing, newId),
    version: '1.2.3',
    tenantId: 'default',
    environment: 'production',
    channels: [],
    defaultChannel: 'slack',
    channelLabel: slack?.channel ?? 'none',
    channelIds: [],
    slackWorkspaces: [],
    threadChannelId: slack ? 'slack' : null,
    isOpen: true,
    configuredKeys: [],
    db: nunchi.db,
    log: nunchi.log,
    sources: createSourceRegistry(
      sources.map(({ name, kind, token }) => ({
        tenantId: 'default',
        name,
        kind,
        tokenHash: token === undefined ? null : createHash('sha256').update(token).digest(),
        adapter: adapterOfKind(kind),
        settings: {},
      })),
    ),
    threads: createDatabaseThreadStore({ db: nunchi.db, tenantId: 'default', now: () => nunchi.now }),
    newId,
    now: Date.now,
    logger,
    wake: (what, partition) =>
      what === 'consumer' ? nunchi.engine.consumers.wake(partition) : nunchi.engine.worker.wake(),
    problems: async () => [],
    watchMetrics: async () => '',
    engineMetrics: () => nunchi.engine.metricsText(),
    isReady: () => true,
    logOutlivesDatabase: false,
    standDownReason: () => null,
    cluster: async () => ALONE,
    onCommitted: () => () => undefined,
    alertWaitMs: 5_000,
    intakeLimits: { ...BODY_LIMITS, ...limits },
    startedAt: Date.now(),
    ...deps,
  }
}

async function readReply(response: Response): Promise<RigReply> {
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}
