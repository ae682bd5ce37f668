import { expect, test } from 'vitest'
import { systemActor } from '../../src/domain/actor.ts'
import { UNTIL_RESOLVED } from '../../src/domain/incident.ts'
import { Incident } from '../../src/http/contract/incident-contract.ts'
import { viewOfIncident } from '../../src/incidents/incident-view.ts'
import { sampleMessage } from '../../src/notify/channels/sample-incident-message.ts'
import { webhookBody } from '../../src/notify/channels/webhook/webhook-body.ts'

/** What the API tells its caller about itself: the caller's rights, Slack and other channels, and what is reserved for later. */
const ONLY_API = { actions: true, slack: true, movedTo: true, next: true, workflow: true } as const

function isTold([name]: [string, unknown]): boolean {
  return !Object.hasOwn(ONLY_API, name)
}

for (const silencedUntil of [null, 1_767_614_400_000, UNTIL_RESOLVED]) {
  test(`a webhook shows an incident with the names and forms of the API (silenced until ${silencedUntil})`, () => {
    const message = sampleMessage({ incident: { silencedUntil } })
    const shown = viewOfIncident(message.incident, systemActor('default'), { state: 'none', url: null })
    const { incident } = webhookBody(message, 0)
    expect(Incident.omit(ONLY_API).strict().safeParse(incident).error?.issues ?? []).toEqual([])
    expect(incident).toEqual(Object.fromEntries(Object.entries(shown).filter(isTold)))
  })
}
