import type { Channel, StormPolicy } from '../channel.ts'
import type { RunDeps } from '../run-deps.ts'

/** What bringing the digest of a channel up to date works with. */
export interface Storm {
  readonly deps: RunDeps
  readonly channel: Channel & { readonly digest: NonNullable<Channel['digest']>; readonly storm: StormPolicy }
  readonly signal: AbortSignal
}
