import { LANES } from '../../domain/job-payloads.ts'
import type { EventFate, ObservedEvent } from '../../domain/observed-event.ts'
import { enqueueTx, type JobOrder } from '../../jobs/enqueue.ts'
import type { Tx } from '../../store/database.ts'
import type { NewId } from '../../store/new-id.ts'
import type { FoldEvents } from '../fold-parts.ts'
import { OWN_SOURCE, SELF_TEST } from './own-source.ts'
import { noteSignsTx } from './sign-of-life-repository.ts'

export interface SignDeps {
  /** Whether an event of a source is the watchdog of that source. */
  readonly isWatchdog: (source: string, labels: Readonly<Record<string, string>>) => boolean
  readonly newId: NewId
}

/** What the sign of a source's watchdog is called. */
export function watchdogSign(source: string): string {
  return `watchdog/${source}`
}

/**
 * A fold that notes signs of life and keeps them away from incidents: watchdog alerts, and self-tests, whose job shows
 * that jobs are done too. Only a message of the sender itself is a sign: what was healed proves nothing, nor does an end.
 */
export function foldSignsOfLife(fold: FoldEvents, deps: SignDeps): FoldEvents {
  return async (tx, events) => {
    const isSign = (observed: ObservedEvent): boolean => isSelfTest(observed) || isWatchdog(observed, deps)
    const signs = events.filter(isSign)
    if (signs.length === 0) return await fold(tx, events)
    const fates = await fold(
      tx,
      events.filter((observed) => !isSign(observed)),
    )
    await noteTx(tx, signs, deps)
    const rest = fates.values()
    return events.map((observed): EventFate => (isSign(observed) ? 'suppressed' : (rest.next().value as EventFate)))
  }
}

function isSelfTest({ source, event }: ObservedEvent): boolean {
  return source === OWN_SOURCE && event.labels['alertname'] === SELF_TEST
}

function isWatchdog({ source, event }: ObservedEvent, deps: SignDeps): boolean {
  return deps.isWatchdog(source, event.labels)
}

async function noteTx(tx: Tx, signs: readonly ObservedEvent[], { newId }: SignDeps): Promise<void> {
  for (const [tenantId, own] of Map.groupBy(signs, (observed) => observed.tenantId)) {
    // In the order of their names: two folds that note the same signs must lock the rows in one order.
    const byName = [...Map.groupBy(own, signOf)].sort(([a], [b]) => (a < b ? -1 : 1))
    await noteSignsTx(
      tx,
      tenantId,
      byName.map(([name, events]) => ({ name, seenAt: Math.max(...events.map(seenAt)), events: events.length })),
    )
    const testedAt = Math.max(0, ...own.filter(isSelfTest).map(({ receivedAt }) => receivedAt))
    if (testedAt > 0) await enqueueTx(tx, tenantId, [orderAfter(testedAt)], { newId, now: testedAt })
  }
}

function signOf(observed: ObservedEvent): string {
  return isSelfTest(observed) ? `tests/${OWN_SOURCE}` : watchdogSign(observed.source)
}

function seenAt({ event, receivedAt }: ObservedEvent): number {
  return event.status === 'firing' && event.healedBecause === undefined ? receivedAt : 0
}

function orderAfter(testedAt: number): JobOrder<'note-self-test'> {
  return {
    kind: 'note-self-test',
    payload: { testedAt },
    // It asks whether jobs are done, not whether the least urgent ones are.
    lane: LANES.critical,
    runAt: testedAt,
    dedupeKey: 'note-self-test',
    queue: null,
  }
}
