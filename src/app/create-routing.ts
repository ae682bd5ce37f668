import type { Incident } from '../domain/incident.ts'
import { type RoutedIncident, type RoutingDecision, routeIncident } from '../domain/route-matching.ts'
import { SEVERITIES, severityRank } from '../domain/severity.ts'
import type { Mention, MessagePurpose } from '../notify/channel.ts'
import { compileRoutes } from '../notify/compile-routes.ts'
import { chooseMentions, type MentionRules } from '../notify/mention-rules.ts'
import { type QuietUntil, quietUntilFrom } from '../notify/quiet-hours.ts'
import type { RouteSpec } from '../notify/route-spec.ts'
import type { RoutingData } from './engine-data.ts'

/** The rules of the configuration about who hears of an incident, compiled. Pure. */
export interface Routing {
  /** Who hears of it, and why. */
  readonly decide: (incident: RoutedIncident) => RoutingDecision<MentionRules | null>
  /** The ids of those who hear of it, in the order of the tree; a channel that is not configured (any more) is left out. */
  readonly channelsOf: (incident: RoutedIncident) => readonly string[]
  /** Those, and every channel that may have been told before its severity rose or a person moved it. */
  readonly mayConcern: (incident: RoutedIncident) => readonly string[]
  /** Whether the messages of a channel can be brought up to date after they were sent. */
  readonly isLive: (channelId: string) => boolean
  /** Whom a message of this purpose calls; nobody where an edit, a resolution or a note tells. */
  readonly mentionsFor: (
    incident: RoutedIncident & Pick<Incident, 'severity'>,
    channelId: string,
    purpose: MessagePurpose,
  ) => readonly Mention[]
  /** When a notice may go out; null = now. */
  readonly quietUntil: QuietUntil
}

/** Compiles the rules. Throws for an expression that the configuration would have refused. */
export function createRouting({ root: spec, quietHours, mentions, live }: RoutingData): Routing {
  const root = compileRoutes(spec)
  const decide: Routing['decide'] = (incident) => routeIncident(root, incident)
  const isKnown = (channelId: string): boolean => Object.hasOwn(mentions, channelId)
  const channelsOf: Routing['channelsOf'] = (incident) =>
    decide(incident)
      .channels.map(({ channelId }) => channelId)
      .filter(isKnown)
  return {
    decide,
    channelsOf,
    mayConcern: readsSeverity(spec)
      ? (incident) => [...new Set([incident, ...milderForms(incident)].flatMap(channelsOf))]
      : channelsOf,
    isLive: (channelId) => live.includes(channelId),
    mentionsFor: (incident, channelId, purpose) => {
      const sentBy = decide(incident).channels.find((channel) => channel.channelId === channelId)?.routes ?? []
      return chooseMentions(incident.severity, purpose, {
        ofRoutes: sentBy.map(({ extra }) => extra),
        ofChannel: mentions[channelId] ?? {},
      })
    },
    quietUntil: quietUntilFrom(quietHours),
  }
}

/** The incident as routing saw it while it was milder. Nothing else that routing reads ever changes. */
function milderForms(incident: RoutedIncident): readonly RoutedIncident[] {
  return SEVERITIES.slice(0, severityRank(incident.peakSeverity)).map((peakSeverity) => ({ ...incident, peakSeverity }))
}

function readsSeverity({ match, routes }: RouteSpec): boolean {
  return match.severity !== null || routes.some(readsSeverity)
}
