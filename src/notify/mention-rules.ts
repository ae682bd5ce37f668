import type { Severity } from '../domain/severity.ts'
import type { Mention, MessagePurpose } from './channel.ts'

/** Who is called, by the severity of the incident. What is absent says nothing; an empty list says nobody. */
export type MentionRules = Readonly<Partial<Record<Severity, readonly Mention[]>>>

/** Messages that may call people. Edits, resolutions and notes never do; `resolved` as a root tells what is over. */
const CALLING: ReadonlySet<MessagePurpose> = new Set(['firing', 'fired-again', 'severity-raised'])

/**
 * Whom a message of this purpose calls, each once. The routes that sent it speak before the channel; of several routes
 * all are heard. Reads the severity of the incident as it is now, and nothing that a sender wrote.
 */
export function chooseMentions(
  severity: Severity,
  purpose: MessagePurpose,
  rules: { readonly ofRoutes: readonly (MentionRules | null)[]; readonly ofChannel: MentionRules },
): readonly Mention[] {
  if (!CALLING.has(purpose)) return []
  const spoken = rules.ofRoutes.flatMap((ofRoute) => ofRoute?.[severity] ?? [])
  const isSaidByRoutes = rules.ofRoutes.some((ofRoute) => ofRoute?.[severity] !== undefined)
  const chosen = isSaidByRoutes ? spoken : (rules.ofChannel[severity] ?? [])
  return [...new Map(chosen.map((mention) => [JSON.stringify(mention), mention])).values()]
}

/** A mention as people read it in explanations; it calls nobody. */
export function mentionText(mention: Mention): string {
  if ('id' in mention) return mention.id
  return mention.kind === 'here' ? '@here' : '@channel'
}
