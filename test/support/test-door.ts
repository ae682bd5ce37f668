import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { createRouting } from '../../src/app/create-routing.ts'
import { followUpOrders } from '../../src/app/follow-up.ts'
import type { AlertEvent } from '../../src/domain/alert-event.ts'
import { DEFAULT_LIFECYCLE } from '../../src/domain/incident-lifecycle.ts'
import type { ObservedEvent } from '../../src/domain/observed-event.ts'
import type { HttpDeps } from '../../src/http/http-deps.ts'
import { BODY_LIMITS } from '../../src/http/read-body.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createFold } from '../../src/incidents/fold-events.ts'
import type { DeliveryLog, StoredDelivery } from '../../src/intake/delivery-log/delivery-log.ts'
import { seqOf } from '../../src/intake/delivery-log/partitioned-seq.ts'
import { createSourceRegistry } from '../../src/intake/source-registry.ts'
import type { ThreadStore } from '../../src/notify/threads/thread-store.ts'
import { createNewId } from '../../src/store/new-id.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import { ALONE } from './alone.ts'
import { routingDataTo } from './routing-data.ts'
import { makeTempDatabase, type TempDatabase } from './temp-database.ts'

/** What a sender says of one alert; the rest is made up. */
export interface ToldAlert
  extends Partial<Pick<AlertEvent, 'severity' | 'title' | 'status' | 'startsAt' | 'annotations' | 'raw'>> {
  readonly alertname: string
  readonly labels?: Readonly<Record<string, string>>
  readonly source?: string
}

/** The HTTP door over an empty database, in the test's process, with a clock that the test turns. */
export interface TestDoor {
  readonly server: FastifyInstance
  readonly deps: HttpDeps
  readonly database: TempDatabase
  /** The clock, ms since 1970. */
  now: number
  /** What the door woke, in order. */
  readonly woken: string[]
  /** Folds alerts as if they had arrived now. */
  readonly tell: (...alerts: readonly ToldAlert[]) => Promise<void>
  /** GET, parsed. */
  readonly get: <T = Record<string, unknown>>(
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; body: T }>
  /** POST of JSON, parsed. */
  readonly post: <T = Record<string, unknown>>(
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ status: number; body: T }>
  readonly close: () => Promise<void>
}

/** Opens a door; `over` replaces what the composition root would give. */
export async function openTestDoor(over: Partial<HttpDeps> = {}): Promise<TestDoor> {
  const database = await makeTempDatabase()
  const newId = createNewId()
  const routing = createRouting(routingDataTo(['slack']))
  const ordersFor = followUpOrders(routing)
  const policy = {
    correlation: { fields: ['alertname', 'service', 'cluster'], windowMs: null, environment: 'production' },
    lifecycle: DEFAULT_LIFECYCLE,
    keepsEveryAlert: true,
  }
  const fold = createFold({ newId, policyOf: () => policy, ordersFor })
  const woken: string[] = []
  const listeners = new Set<() => void>()
  const deps: HttpDeps = {
    version: '1.2.3',
    tenantId: 'default',
    environment: 'production',
    channels: [{ id: 'slack', kind: 'slack', label: 'C0TEST' }],
    defaultChannel: 'slack',
    routing,
    channelLabel: 'C0TEST',
    isOpen: true,
    configuredKeys: [],
    db: database.db,
    log: memoryLog(),
    sources: createSourceRegistry([]),
    threads: memoryThreads(),
    fold,
    ordersFor,
    newId,
    policyOf: () => policy,
    threadChannelId: 'slack',
    channelIds: ['slack', 'C2'],
    slackWorkspaces: [],
    intakeLimits: BODY_LIMITS,
    now: () => door.now,
    logger: pino({ level: 'silent' }),
    wake: (what) => void woken.push(what),
    problems: async () => [],
    watchMetrics: async () => '',
    engineMetrics: async () => '',
    isReady: () => true,
    logOutlivesDatabase: false,
    standDownReason: () => null,
    cluster: async () => ALONE,
    onCommitted: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    alertWaitMs: 50,
    startedAt: Date.parse('2026-01-05T11:00:00Z'),
    ...over,
  }
  const server = createHttpServer(deps)
  let deliveries = 0
  const door: TestDoor = {
    server,
    deps,
    database,
    woken,
    now: Date.parse('2026-01-05T12:00:00Z'),
    tell: async (...alerts) => {
      const events = alerts.map((alert, index) =>
        observedEventOf(alert, { now: door.now, deliverySeq: seqOf(++deliveries, 0), index }),
      )
      await inTransaction(database.db, async (tx) => await fold(tx, events))
      for (const listener of listeners) listener()
    },
    get: async (path, headers = {}) =>
      readReply(await server.inject({ url: path, headers: { host: 'localhost', ...headers } })),
    post: async (path, body, headers = {}) =>
      readReply(
        await server.inject({
          method: 'POST',
          url: path,
          headers: { host: 'localhost', ...headers },
          ...(body === undefined ? {} : { payload: body as object }),
        }),
      ),
    close: async () => {
      await server.close()
      await database.close()
    },
  }
  await server.ready()
  return door
}

function readReply<T>(reply: { statusCode: number; body: string }): { status: number; body: T } {
  return { status: reply.statusCode, body: (reply.body === '' ? null : JSON.parse(reply.body)) as T }
}

/** What a told alert is when it has been read. */
export function observedEventOf(
  alert: ToldAlert,
  { now, deliverySeq, index }: { readonly now: number; readonly deliverySeq: number; readonly index: number },
): ObservedEvent {
  return {
    tenantId: 'default',
    source: alert.source ?? 'am',
    sourceKind: 'alertmanager',
    deliverySeq,
    index,
    receivedAt: now,
    event: eventOf(alert, now),
  }
}

function eventOf(alert: ToldAlert, now: number): AlertEvent {
  const labels = { alertname: alert.alertname, ...alert.labels }
  const startsAt = alert.startsAt ?? now
  return {
    fingerprint: JSON.stringify(labels),
    status: alert.status ?? 'firing',
    title: alert.title ?? alert.alertname,
    severity: alert.severity ?? 'warning',
    labels,
    annotations: alert.annotations ?? {},
    startsAtText: new Date(startsAt).toISOString(),
    startsAt,
    endsAt: alert.status === 'resolved' ? now : null,
    links: {},
    condition: null,
    clearedBecause: null,
    ruleId: null,
    fields: {},
    raw: alert.raw ?? JSON.stringify({ labels }),
  }
}

/** A delivery log that keeps nothing beyond the test; the real ones have their own conformance suite. */
function memoryLog(): DeliveryLog {
  const kept: StoredDelivery[] = []
  return {
    partitions: ['memory'],
    partitionOf: () => 'memory',
    append: async (delivery) => kept.push({ ...delivery, seq: kept.length + 1 }),
    get: async (seq) => kept[seq - 1] ?? null,
    list: async ({ before, source, limit }) =>
      kept
        .filter(
          (delivery) =>
            (before === null || delivery.seq < before.seq) && (source === null || delivery.source === source),
        )
        .reverse()
        .slice(0, limit)
        .map(({ body, ...summary }) => ({ ...summary, bodyBytes: body.length })),
    trim: async () => 0,
    stats: async () => ({
      partitions: [{ partition: 'memory', lastSeq: kept.length }],
      seqStep: 1,
      deliveries: kept.length,
      storedBytes: 0,
    }),
    check: async () => [],
    close: async () => undefined,
  }
}

function memoryThreads(): ThreadStore {
  const threads = new Map<string, string>()
  return {
    kind: 'database',
    get: async (key) => threads.get(key) ?? null,
    put: async (key, ts) => void threads.set(key, ts),
    list: async (limit) => [...threads].slice(0, limit).map(([threadKey, ts]) => ({ threadKey, ts })),
    count: async () => threads.size,
    clear: async () => {
      const { size } = threads
      threads.clear()
      return size
    },
  }
}
