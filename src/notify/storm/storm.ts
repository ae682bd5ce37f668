import type { Channel, StormPolicy } from '../channel.ts'
import type { DeliverDeps } from '../delivery-record.ts'

/** What bringing the digest of a channel up to date works with. */
export interface Storm {
  readonly deps: DeliverDeps
  readonly channel: Channel & { readonly digest: NonNullable<Channel['digest']>; readonly storm: StormPolicy }
  readonly signal: AbortSignal
}
