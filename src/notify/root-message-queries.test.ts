import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeTempDatabase, type TempDatabase } from '../../test/support/temp-database.ts'
import { inTransaction } from '../store/transaction.ts'
import { loadNotification, saveNotification } from './notification-repository.ts'
import { rootMessagesOf } from './root-message-queries.ts'

let database: TempDatabase
beforeEach(async () => {
  database = await makeTempDatabase()
})
afterEach(() => database.close())

test('whoever waits for a thread learns whether one will come', async () => {
  const { db } = database
  const store = async (incidentId: string, channelId: string, change: object): Promise<void> => {
    const empty = await loadNotification(db, { tenantId: 'default', incidentId, channelId })
    await inTransaction(db, (tx) => saveNotification(tx, { ...empty, ...change }, { now: 0 }))
  }
  await store('posted', 'slack', { rootId: '1.2' })
  await store('under-way', 'slack', { state: 'posting' })
  await store('refused', 'slack', { state: 'blocked' })
  await store('in-a-storm', 'slack', { state: 'digested', digestId: 'd1' })
  await store('elsewhere', 'other', { rootId: '3.4' })
  const ids = ['posted', 'under-way', 'refused', 'in-a-storm', 'elsewhere', 'unknown']
  expect(Object.fromEntries(await rootMessagesOf(db, 'default', 'slack', ids))).toEqual({
    posted: { kind: 'posted', id: '1.2' },
    'under-way': { kind: 'pending' },
    refused: { kind: 'blocked' },
    'in-a-storm': { kind: 'digested' },
  })
})
