import { expect, test } from 'vitest'
import type { IncidentMessage } from '../../channel.ts'
import { createPreviewChannel } from './preview-channel.ts'

const channel = createPreviewChannel({ id: 'preview', render: ({ purpose }) => ({ text: purpose }) })
const message = { purpose: 'firing', deliveryId: '01A', thread: null } as IncidentMessage
const signal = new AbortController().signal

test('a message is delivered at once, with the body that would have been sent', async () => {
  expect(await channel.send(message, signal)).toEqual({
    kind: 'delivered',
    id: 'preview-01A',
    threadId: null,
    place: null,
    body: '{"text":"firing"}',
  })
})

test('a reply stays in its thread', async () => {
  expect(await channel.send({ ...message, thread: { id: 'preview-01A', place: null } }, signal)).toMatchObject({
    threadId: 'preview-01A',
  })
})

test('a message that was not recorded was not shown', async () => {
  expect(await channel.find?.('01A', 0, null, signal)).toEqual({ kind: 'absent' })
})
