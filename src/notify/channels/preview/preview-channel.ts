import type { Channel, IncidentMessage } from '../../channel.ts'

export interface PreviewSettings {
  readonly id: string
  /** The body that a real channel would send; anything that JSON can hold. */
  readonly render: (message: IncidentMessage) => unknown
}

/**
 * A channel that only pretends: for a first run without any real one. Every message is `delivered` at once, with the
 * body that would have been sent, so that the record of posts shows it. Threads work like those of a real channel.
 */
export function createPreviewChannel({ id, render }: PreviewSettings): Channel {
  return {
    id,
    kind: 'preview',
    hasThreads: true,
    pace: null,
    isPretend: true,
    send: (message) =>
      Promise.resolve({
        kind: 'delivered',
        id: `preview-${message.deliveryId}`,
        threadId: message.thread?.id ?? null,
        place: null,
        body: JSON.stringify(render(message)),
      }),
    // Nothing is ever on its way here, so what was not recorded was not shown.
    find: () => Promise.resolve({ kind: 'absent' }),
  }
}
