import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { readConfig } from '../../src/app/config.ts'
import { Engine } from '../../src/app/engine.ts'
import { type ChannelData, type EngineData, engineDataOf } from '../../src/app/engine-data.ts'
import { adapterOfKind } from '../../src/app/registries.ts'
import { DEFAULT_LIFECYCLE, type LifecyclePolicy } from '../../src/domain/incident-lifecycle.ts'
import type { DeliveryLog } from '../../src/intake/delivery-log/delivery-log.ts'
import type { LogLocation } from '../../src/intake/delivery-log/log-location.ts'
import { openDeliveryLog } from '../../src/intake/delivery-log/open-log.ts'
import { slackSettingsSchema } from '../../src/notify/channels/slack/slack-settings.ts'
import { DEFAULT_TEMPLATE_OPTIONS } from '../../src/notify/channels/slack/templates/template-options.ts'
import { type DatabaseLocation, type Db, databaseLocation, migratable, openDatabase } from '../../src/store/database.ts'
import { migrateToLatest } from '../../src/store/migrate.ts'
import { assertInvariants, type InvariantInput } from './check-invariants.ts'
import { makeFreshDatabase } from './fresh-database.ts'
import { nameFreshStream, streamLocation } from './fresh-stream.ts'
import type { ProductPlace } from './product-place.ts'
import { routingDataTo } from './routing-data.ts'
import { makeTempFolder } from './temp-folder.ts'
import { spawnThread } from './thread-entry.ts'

export interface InProcessOptions {
  /** Where the bot posts; absent = the preview channel. */
  readonly slack?: {
    readonly apiUrl: string
    readonly token: string
    readonly channel: string
    readonly postsPerSecond?: number
    readonly burst?: number
  }
  /** The whole configuration as YAML, instead of what stands here. */
  readonly config?: string
  readonly lifecycle?: Partial<LifecyclePolicy>
  /** Where the clock begins, ms since 1970. */
  readonly now?: number
}

/**
 * The engine in the test's own process, with a clock that the test turns: for rules about hours. The log, the
 * database, the fold, the jobs and the Slack client are the real ones; only threads and time are not.
 */
export class InProcessNunchi {
  readonly db: Db
  readonly log: DeliveryLog
  readonly place: ProductPlace
  readonly logger: Logger
  now: number
  readonly #remove: () => Promise<void>
  readonly #data: EngineData
  #engine: Engine
  #lastRequest = 0

  private constructor(parts: {
    db: Db
    log: DeliveryLog
    data: EngineData
    engine: Engine
    remove: () => Promise<void>
    place: ProductPlace
    now: number
    logger: Logger
  }) {
    this.db = parts.db
    this.log = parts.log
    this.logger = parts.logger
    this.place = parts.place
    this.now = parts.now
    this.#remove = parts.remove
    this.#data = parts.data
    this.#engine = parts.engine
  }

  static async start(options: InProcessOptions = {}): Promise<InProcessNunchi> {
    const folder = makeTempFolder('in-process')
    const database = await makeFreshDatabase()
    const location = databaseLocation(database?.url ?? `sqlite:${join(folder.path, 'nunchi.db')}`)
    const db = openDatabase(location)
    await migrateToLatest(migratable(db))
    const stream = await nameFreshStream()
    const ofMachine: LogLocation = database
      ? { kind: 'database', partitions: 4 }
      : { kind: 'embedded', path: join(folder.path, 'deliveries.db') }
    const logLocation = stream ? streamLocation(stream) : ofMachine
    const log = await openDeliveryLog(logLocation, { db, spawn: spawnThread })
    const data: EngineData =
      options.config === undefined
        ? { database: location, log: logLocation, ...settingsOf(options) }
        : dataOfYaml(options.config, location, logLocation)
    const logger = pino({ level: 'silent' })
    let nunchi: InProcessNunchi | null = null
    const now = options.now ?? Date.parse('2026-01-05T12:00:00Z')
    const engine = await Engine.open(data, {
      logger,
      now: () => nunchi?.now ?? now,
      random: () => 0.5,
      onCommitted: () => undefined,
      onStandDown: () => undefined,
    })
    const place = { dataDir: folder.path, databaseUrl: database?.url, stream: stream ?? undefined }
    const remove = async (): Promise<void> => {
      await stream?.drop()
      await database?.drop()
      folder.remove()
    }
    nunchi = new InProcessNunchi({ db, log, data, engine, remove, place, now, logger })
    return nunchi
  }

  get engine(): Engine {
    return this.#engine
  }

  /** Receives a body as the intake would, at the test's time; nothing is folded yet. */
  async receive(body: unknown, source = 'alertmanager'): Promise<number> {
    const bytes =
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const found = this.#data.sources.find(({ name }) => name === source)
    return await this.log.append({
      tenantId: this.#data.tenantId,
      source,
      sourceKind: found?.kind ?? source,
      receivedAt: this.now,
      requestId: `test-${++this.#lastRequest}`,
      contentType: 'application/json',
      bytesCut: 0,
      body: new Uint8Array(bytes),
      partitionKey: source,
    })
  }

  /** Folds what has arrived and runs what is due. */
  async drain(): Promise<void> {
    await this.#engine.drain()
  }

  /** Receives, folds, and runs what is due; answers where it stands in the log. */
  async tell(body: unknown, source?: string): Promise<number> {
    const seq = await this.receive(body, source)
    await this.drain()
    return seq
  }

  /** Turns the clock in steps, running what becomes due in each: nothing in between is skipped. */
  async advance(ms: number, stepMs = 1000): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + stepMs)
      await this.drain()
    }
  }

  async assertInvariants(input: Omit<InvariantInput, 'place'> = {}): Promise<void> {
    await assertInvariants({ place: this.place, ...input })
  }

  async stop(): Promise<void> {
    await this.#engine.close()
    await this.log.close()
    await this.db.destroy()
    await this.#remove()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function settingsOf({ slack, lifecycle }: InProcessOptions): Omit<EngineData, 'database' | 'log'> {
  const kinds = ['alertmanager', 'grafana', 'generic']
  return {
    node: null,
    tenantId: 'default',
    environment: 'production',
    sources: kinds.map((kind) => ({
      name: kind,
      kind,
      settings: {},
      policy: {
        correlation: { fields: adapterOfKind(kind).correlationDefaults, windowMs: null, environment: 'production' },
        lifecycle: { ...DEFAULT_LIFECYCLE, ...lifecycle },
        keepsEveryAlert: kind === 'grafana',
      },
    })),
    channels: [channelDataOf(slack)],
    routing: routingDataTo([slack ? 'slack' : 'preview']),
    publicUrl: null,
    slackDesk: { workspaces: [], members: 'respond', channels: [] },
    threads: { store: 'database' },
    retention: { bodiesMs: 14 * 86_400_000, bodiesMaxBytes: 10 * 2 ** 30, eventsMs: 90 * 86_400_000 },
    crashAt: null,
    logLevel: 'silent',
  }
}

function channelDataOf(slack: InProcessOptions['slack']): ChannelData {
  if (slack === undefined) {
    const settings = { id: 'preview', template: DEFAULT_TEMPLATE_OPTIONS }
    return { id: 'preview', kind: 'preview', storm: null, settings }
  }
  const { token: botToken, ...settings } = slack
  return { id: 'slack', kind: 'slack', storm: null, settings: slackSettingsSchema.parse({ botToken, ...settings }) }
}

function dataOfYaml(yaml: string, location: DatabaseLocation, log: LogLocation): EngineData {
  const read = readConfig({ env: { NUNCHI_CONFIG: 'nunchi.yaml' }, readFile: () => yaml })
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return engineDataOf(read.config, location, log)
}
