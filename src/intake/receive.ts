import { crashPoint } from '../store/crash-point.ts'
import { type DeliveryLog, LogUnavailableError } from './delivery-log/delivery-log.ts'
import { isHealed } from './reconcile/healed-delivery.ts'
import type { Source } from './source-registry.ts'

export interface ReceiveDeps {
  readonly log: Pick<DeliveryLog, 'append' | 'partitionOf'>
  /** Says that something of a partition can be folded. */
  readonly wake: (partition: string) => void
}

/** What is known of the request that brought a body. */
export interface RequestFacts {
  /** Milliseconds since 1970. */
  readonly receivedAt: number
  readonly requestId: string
  readonly contentType: string
  readonly bytesCut: number
}

/** `unavailable`: nothing was kept, and the sender must be told to try again (503, never 4xx: senders drop what is refused). */
export type Receipt =
  | { readonly kind: 'stored'; readonly seq: number }
  | { readonly kind: 'unavailable'; readonly reason: string }

const MOST_CONTENT_TYPE_LENGTH = 200

/**
 * Makes a delivery durable. Only after `stored` may the sender be told that all is well. The body is given away: its
 * memory may belong to another thread afterwards. Throws only what is a bug.
 */
export async function receiveDelivery(
  deps: ReceiveDeps,
  source: Source,
  facts: RequestFacts,
  body: Uint8Array,
): Promise<Receipt> {
  try {
    const seq = await deps.log.append({
      tenantId: source.tenantId,
      source: source.name,
      sourceKind: source.kind,
      receivedAt: facts.receivedAt,
      requestId: facts.requestId,
      // Only Nunchi itself says that it healed something.
      contentType: isHealed(facts.contentType) ? '' : facts.contentType.slice(0, MOST_CONTENT_TYPE_LENGTH),
      bytesCut: facts.bytesCut,
      body,
      partitionKey: `${source.name} ${source.adapter.groupOf?.(body) ?? facts.requestId}`,
    })
    // The delivery is on disk and the sender does not know it yet: it will send it again.
    crashPoint('after_log_append')
    deps.wake(deps.log.partitionOf(seq))
    return { kind: 'stored', seq }
  } catch (error) {
    if (error instanceof LogUnavailableError) return { kind: 'unavailable', reason: error.message }
    throw error
  }
}

/** Turns many calls within one turn of the event loop into one for each subject, which comes after all of them. */
export function oncePerTurnEach(work: (subject: string) => void): (subject: string) => void {
  const due = new Set<string>()
  return (subject) => {
    if (due.size === 0)
      setImmediate(() => {
        const subjects = [...due]
        due.clear()
        subjects.forEach(work)
      })
    due.add(subject)
  }
}
