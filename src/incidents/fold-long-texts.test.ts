import { expect, test } from 'vitest'
import { makeTempDatabase } from '../../test/support/temp-database.ts'
import type { AlertEvent } from '../domain/alert-event.ts'
import { DEFAULT_LIFECYCLE } from '../domain/incident-lifecycle.ts'
import type { ObservedEvent } from '../domain/observed-event.ts'
import { createNewId } from '../store/new-id.ts'
import { inTransaction } from '../store/transaction.ts'
import { createFold } from './fold-events.ts'

const FIELDS = ['alertname', 'service', 'cluster', 'namespace', 'environment'] as const

function alertOf(text: string, index: number): ObservedEvent {
  const event: AlertEvent = {
    fingerprint: `${text}${index}`,
    status: 'firing',
    title: text,
    severity: 'critical',
    labels: Object.fromEntries(FIELDS.map((name) => [name, text])),
    annotations: { [text]: text },
    startsAtText: text,
    startsAt: 1_700_000_000_000,
    endsAt: null,
    links: { generator: text },
    condition: null,
    clearedBecause: null,
    ruleId: text,
    fields: {},
    raw: text,
  }
  const place = { tenantId: 'default', source: 'long', sourceKind: 'alertmanager', deliverySeq: 1 }
  return { ...place, index, receivedAt: 1_700_000_000_000, event }
}

const correlation = { fields: [...FIELDS], windowMs: null, environment: 'production' }
const policy = { correlation, lifecycle: DEFAULT_LIFECYCLE, keepsEveryAlert: true }

test('an alert whose every text is endless is folded beside a plain one, and known again', async () => {
  const { db, close } = await makeTempDatabase()
  const fold = createFold({ newId: createNewId(), policyOf: () => policy, ordersFor: () => [] })
  const texts = ['plain', 'x'.repeat(20_000), '🔥'.repeat(10_000), `y${'🔥'.repeat(10_000)}`, '\'"\\`%_;--\n']
  const events = texts.map(alertOf)
  for (let round = 0; round < 2; round++) await inTransaction(db, (tx) => fold(tx, events))
  const alerts = await db.selectFrom('alert').select(['labels', 'occurrences']).execute()
  expect(alerts).toHaveLength(texts.length)
  for (const { labels } of alerts) expect(texts).toContain((JSON.parse(labels) as Record<string, string>).service)
  expect(await db.selectFrom('incident').select('id').execute()).toHaveLength(texts.length)
  await close()
})
