import { createHash } from 'node:crypto'
import { type UpsertPlan, upsertMany } from '../../store/bulk-write.ts'
import type { Db } from '../../store/database.ts'
import { inTransaction } from '../../store/transaction.ts'
import type { ThreadStore } from './thread-store.ts'

/** The rows belong to the one place whose threads system 2 knows. */
const CHANNEL_ID = 'slack'
const COLUMNS = ['tenant_id', 'channel_id', 'thread_key', 'ts', 'updated_at'] as const
const PLAN: UpsertPlan<'thread'> = {
  table: 'thread',
  columns: COLUMNS,
  key: ['tenant_id', 'channel_id', 'thread_key'],
  merge: { ts: 'incoming', updated_at: 'incoming' },
}
const MOST_KEY_LENGTH = 250

export interface DatabaseThreadStoreDeps {
  readonly db: Db
  readonly tenantId: string
  readonly now: () => number
}

/** Keeps thread keys in the main database: several nodes share them. Throws what the database throws. */
export function createDatabaseThreadStore({ db, tenantId, now }: DatabaseThreadStoreDeps): ThreadStore {
  const mine = () => db.selectFrom('thread').where('tenant_id', '=', tenantId).where('channel_id', '=', CHANNEL_ID)
  return {
    kind: 'database',
    async get(threadKey) {
      const row = await mine().select('ts').where('thread_key', '=', storedKey(threadKey)).executeTakeFirst()
      return row?.ts ?? null
    },
    async put(threadKey, ts) {
      const row = {
        tenant_id: tenantId,
        channel_id: CHANNEL_ID,
        thread_key: storedKey(threadKey),
        ts,
        updated_at: now(),
      }
      await inTransaction(db, (tx) => upsertMany(tx, PLAN, [row]))
    },
    async list(limit) {
      const rows = await mine().select(['thread_key', 'ts']).orderBy('thread_key').limit(limit).execute()
      return rows.map((row) => ({ threadKey: row.thread_key, ts: row.ts }))
    },
    async count() {
      const row = await mine()
        .select((eb) => eb.fn.countAll().as('threads'))
        .executeTakeFirstOrThrow()
      return Number(row.threads)
    },
    async clear() {
      const { numDeletedRows } = await db
        .deleteFrom('thread')
        .where('tenant_id', '=', tenantId)
        .where('channel_id', '=', CHANNEL_ID)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

/** Keys are made of labels, which may be longer than any index takes: the end of such a key is replaced by a hash of it. */
function storedKey(threadKey: string): string {
  if (threadKey.length <= MOST_KEY_LENGTH) return threadKey
  const hash = createHash('sha256').update(threadKey).digest('hex').slice(0, 32)
  return `${threadKey.slice(0, MOST_KEY_LENGTH - 33).toWellFormed()}…${hash}`
}
