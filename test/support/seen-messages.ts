import type { SeenMessage } from './check-invariants.ts'
import type { SlackMessage } from './fake-slack/workspace.ts'

/** The messages of the fake Slack as the invariant checker looks at them; those of people are left out. */
export function seenMessages(messages: readonly SlackMessage[]): readonly SeenMessage[] {
  return messages
    .filter((message) => message.content.metadata !== undefined)
    .map((message) => ({ ts: message.ts, threadTs: message.threadTs ?? null, incidentId: incidentIdOf(message) }))
}

function incidentIdOf({ content }: SlackMessage): string | null {
  const payload = content.metadata?.event_payload as Record<string, unknown> | undefined
  return typeof payload?.['incident_id'] === 'string' ? payload['incident_id'] : null
}
