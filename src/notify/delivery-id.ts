import { hash } from 'node:crypto'
import type { MessagePurpose } from './channel.ts'
import type { Notification } from './notification-repository.ts'

interface Told {
  readonly purpose: MessagePurpose
  /** Of the incident. */
  readonly version: number
  /** The timeline entry up to which it tells notes; null where it tells none. */
  readonly notesUpTo: string | null
}

/**
 * The id of a message. It is the same each time that the same news of the same state is sent to a channel, also after a
 * crash, so that a receiver that took it once knows the repetition; another state has another.
 */
export function deliveryIdOf(shown: Notification, { purpose, version, notesUpTo }: Told): string {
  const { tenantId, incidentId, channelId, generation } = shown
  const identity = [tenantId, incidentId, channelId, generation, purpose, version, notesUpTo]
  return hash('sha256', JSON.stringify(identity)).slice(0, 32)
}
