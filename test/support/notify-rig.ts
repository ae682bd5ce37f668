import type { Incident, IncidentEffect } from '../../src/domain/incident.ts'
import { enqueueTx } from '../../src/jobs/enqueue.ts'
import { JobWorker } from '../../src/jobs/run-worker.ts'
import { ChannelHealth } from '../../src/notify/channel-health.ts'
import { sampleMessage } from '../../src/notify/channels/sample-incident-message.ts'
import type { DeliverDeps, DeliveryReport, NotifyRules } from '../../src/notify/deliver-deps.ts'
import { deliverNotification } from '../../src/notify/deliver-notification.ts'
import { notifyOrders } from '../../src/notify/routing.ts'
import { SendingPace } from '../../src/notify/sending-pace.ts'
import { deliverDigest } from '../../src/notify/storm/deliver-digest.ts'
import type { ThreadStore } from '../../src/notify/threads/thread-store.ts'
import { insertMany } from '../../src/store/bulk-write.ts'
import type { Db } from '../../src/store/database.ts'
import { INCIDENT_COLUMNS, incidentToRow } from '../../src/store/incident-row.ts'
import { createNewId } from '../../src/store/new-id.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import type { ScriptedChannel } from './scripted-channel.ts'
import { makeTempDatabase } from './temp-database.ts'

const T = Date.parse('2026-01-05T12:00:00Z')

/** The notify room with real jobs and a real database, scripted channels, and a clock that the test turns. */
export class NotifyRig {
  readonly db: Db
  readonly reports: DeliveryReport[] = []
  rules: NotifyRules = {
    isRoutedTo: (_incident, channelId) => this.#channelIds.includes(channelId),
    mentionsFor: () => [],
    quietUntil: () => null,
    consoleUrlOf: () => null,
    defaultChannelId: null,
    threadChannelId: null,
  }
  now = T
  readonly #close: () => Promise<void>
  readonly #newId = createNewId()
  readonly #worker: JobWorker
  readonly #channelIds: readonly string[]
  #incidents = 0

  private constructor(db: Db, close: () => Promise<void>, { told, others }: Channels) {
    this.db = db
    this.#close = close
    this.#channelIds = told.map(({ channel }) => channel.id)
    const now = () => this.now
    const pace = new SendingPace({ db, tenantId: 'default', now, random: () => 0.5 })
    const deps: DeliverDeps = {
      db,
      now,
      pace,
      newId: this.#newId,
      random: () => 0.5,
      channels: new Map([...told, ...others].map(({ channel }) => [channel.id, channel])),
      health: new ChannelHealth({ now, probeMs: 60_000, outageMs: 600_000 }),
      threads: NO_THREADS,
      rules: live(() => this.rules),
      environment: 'production',
      report: (report) => void this.reports.push(report),
    }
    this.#worker = new JobWorker({
      db,
      now,
      handlers: {
        'notify-channel': deliverNotification(deps),
        'notify-digest': deliverDigest(deps),
        'resolve-when-clear': async () => ({ kind: 'done' }),
        'end-silence': async () => ({ kind: 'done' }),
        'slack-receipt': async () => ({ kind: 'done' }),
        'note-self-test': async () => ({ kind: 'done' }),
      },
      owner: 'rig',
      random: () => 0.5,
      concurrency: 4,
      leaseMs: 15_000,
      pausedQueues: () => pace.paused(),
      onFailure: () => undefined,
      onFault: (error) => {
        throw error
      },
    })
  }

  /** `told`: where incidents go by rule. `others`: configured, but not routed to. */
  static async open(told: readonly ScriptedChannel[], others: readonly ScriptedChannel[] = []): Promise<NotifyRig> {
    const { db, close } = await makeTempDatabase()
    return new NotifyRig(db, close, { told, others })
  }

  /** Stores an incident and orders that it is told; nothing is sent before `drain`. */
  async fire(over: Partial<Incident> = {}): Promise<Incident> {
    const [incident] = await this.fireMany(1, over)
    return incident as Incident
  }

  /** Stores many incidents at once, as a fold does. */
  async fireMany(count: number, over: Partial<Incident> = {}): Promise<readonly Incident[]> {
    const incidents = Array.from({ length: count }, () => this.#newIncident(over))
    await inTransaction(this.db, async (tx) => {
      await insertMany(
        tx,
        'incident',
        INCIDENT_COLUMNS,
        incidents.map((incident) => ({ ...incidentToRow(incident), words: null })),
      )
      await this.#order(tx, incidents, { kind: 'notify' })
    })
    return incidents
  }

  #newIncident(over: Partial<Incident>): Incident {
    const number = ++this.#incidents
    const id = `incident-${String(number).padStart(6, '0')}`
    const base = {
      number,
      id,
      title: `Incident ${number}`,
      correlationKey: id,
      startedAt: this.now,
      updatedAt: this.now,
    }
    return { ...sampleMessage().incident, ...base, ...over }
  }

  /** Changes an incident and orders that channels follow. */
  async change(
    incident: Incident,
    over: Partial<Incident>,
    effect: IncidentEffect = { kind: 'notify' },
  ): Promise<Incident> {
    const next: Incident = { ...incident, ...over, version: incident.version + 1, updatedAt: this.now }
    const { tenant_id, id, ...columns } = incidentToRow(next)
    await inTransaction(this.db, async (tx) => {
      await tx.updateTable('incident').set(columns).where('tenant_id', '=', tenant_id).where('id', '=', id).execute()
      await this.#order(tx, [next], effect)
    })
    return next
  }

  async resolve(incident: Incident): Promise<Incident> {
    return await this.change(incident, { status: 'resolved', resolvedAt: this.now, firing: {} })
  }

  /** Writes a timeline entry, as whoever acts on an incident does. */
  async timeline(
    incident: Incident,
    kind: 'note' | 'acknowledged',
    entry: { reason: string; by: string; via: string },
  ) {
    await this.db
      .insertInto('timeline_entry')
      .values({
        tenant_id: incident.tenantId,
        id: this.#newId(this.now),
        incident_id: incident.id,
        at: this.now,
        kind,
        reason: entry.reason,
        actor_id: entry.by,
        actor_name: entry.by,
        actor_via: entry.via,
        data: '{}',
      })
      .execute()
  }

  async drain(): Promise<void> {
    await this.#worker.drain()
  }

  /** Turns the clock in steps and runs what becomes due in each. */
  async advance(ms: number, stepMs = 1_000): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + stepMs)
      await this.drain()
    }
  }

  async jobs() {
    return await this.db.selectFrom('job').selectAll().orderBy('id').execute()
  }

  async notification(incident: Incident, channelId: string) {
    return await this.db
      .selectFrom('notification')
      .selectAll()
      .where('tenant_id', '=', incident.tenantId)
      .where('incident_id', '=', incident.id)
      .where('channel_id', '=', channelId)
      .executeTakeFirstOrThrow()
  }

  async close(): Promise<void> {
    await this.#worker.close()
    await this.#close()
  }

  async #order(
    tx: Parameters<typeof enqueueTx>[0],
    incidents: readonly Incident[],
    effect: IncidentEffect,
  ): Promise<void> {
    const ordersFor = notifyOrders(() => this.#channelIds.map((id) => ({ id, canEdit: true })))
    const orders = incidents.flatMap((incident) => ordersFor(incident, effect))
    await enqueueTx(tx, 'default', orders, { newId: this.#newId, now: this.now })
  }
}

interface Channels {
  readonly told: readonly ScriptedChannel[]
  readonly others: readonly ScriptedChannel[]
}

/** Rules that a test may replace while the rig runs. */
function live(rules: () => NotifyRules): NotifyRules {
  return {
    isRoutedTo: (...asked) => rules().isRoutedTo(...asked),
    mentionsFor: (...asked) => rules().mentionsFor(...asked),
    quietUntil: (...asked) => rules().quietUntil(...asked),
    consoleUrlOf: (incident) => rules().consoleUrlOf(incident),
    get defaultChannelId() {
      return rules().defaultChannelId
    },
    get threadChannelId() {
      return rules().threadChannelId
    },
  }
}

const NO_THREADS: ThreadStore = {
  kind: 'database',
  get: async () => null,
  put: async () => undefined,
  list: async () => [],
  count: async () => 0,
  clear: async () => 0,
}
