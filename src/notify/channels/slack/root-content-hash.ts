import { createHash } from 'node:crypto'
import type { RenderedMessage } from './rendered-message.ts'

/** Names what a root shows: equal names, equal sight, so there is nothing to edit. Whom it calls is no part of it. */
export function rootContentHash({ color, blocks, legacy, summary }: RenderedMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([color, blocks, legacy, summary]))
    .digest('base64url')
    .slice(0, 22)
}
