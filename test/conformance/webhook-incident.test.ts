import { expect, test } from 'vitest'
import { Incident } from '../../src/http/contract/incident-contract.ts'
import { sampleMessage } from '../../src/notify/channels/sample-incident-message.ts'
import { webhookBody } from '../../src/notify/channels/webhook/webhook-body.ts'

/** What the API tells its caller about itself: the caller's rights, Slack, and what is reserved for later. */
const ONLY_API = { actions: true, slack: true, next: true, workflow: true } as const

test('a webhook shows an incident with the names and forms of the API', () => {
  const { incident } = webhookBody(sampleMessage(), 0)
  const parsed = Incident.omit(ONLY_API).strict().safeParse(incident)
  expect(parsed.error?.issues ?? []).toEqual([])
})
