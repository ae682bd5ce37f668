import type { Incident } from '../domain/incident.ts'
import type { AnsweredCondition, RouteOutcome, RouteVisit } from '../domain/route-matching.ts'
import type { Mention } from '../notify/channel.ts'
import type { ChannelConfig } from './config/config-shape.ts'
import type { Routing } from './create-routing.ts'

/** A route with what became of it, as data. */
export interface ExplainedRoute {
  readonly path: string
  readonly name: string | null
  readonly outcome: RouteOutcome
  readonly channels: readonly string[]
  readonly continues: boolean
  readonly conditions: readonly AnsweredCondition[]
  readonly routes: readonly ExplainedRoute[]
}

/** A channel that hears of the incident. */
export interface ExplainedChannel {
  readonly id: string
  /** Null: no channel of that id is configured any more, so that nothing is told there. */
  readonly kind: string | null
  readonly label: string | null
  /** The routes that sent it there; empty when a person moved it. */
  readonly because: readonly { readonly path: string; readonly name: string | null }[]
  readonly isMovedHere: boolean
  /** Whom the first message calls. */
  readonly mentions: readonly Mention[]
  /** Quiet hours hold the message back until then, ms since 1970; null = it goes out at once. */
  readonly quietUntil: number | null
}

/** Why an incident is told where it is told. */
export interface RouteExplanation {
  readonly incident: Pick<
    Incident,
    | 'title'
    | 'labels'
    | 'source'
    | 'service'
    | 'environment'
    | 'cluster'
    | 'namespace'
    | 'severity'
    | 'peakSeverity'
    | 'openedAt'
  >
  readonly channels: readonly ExplainedChannel[]
  readonly tree: ExplainedRoute
}

/** What an explanation needs of the house. */
export interface ExplainDeps {
  readonly routing: Routing
  readonly channels: readonly Pick<ChannelConfig, 'id' | 'kind' | 'label'>[]
}

/** Explains where an incident is told, and whether quiet hours hold it back at `at`. Pure. */
export function explainRoute({ routing, channels }: ExplainDeps, incident: Incident, at: number): RouteExplanation {
  const decision = routing.decide(incident)
  const told = decision.channels.map(({ channelId, routes }): ExplainedChannel => {
    const channel = channels.find(({ id }) => id === channelId)
    return {
      id: channelId,
      kind: channel?.kind ?? null,
      label: channel?.label ?? null,
      because: routes.map(({ path, name }) => ({ path, name })),
      isMovedHere: routes.length === 0,
      mentions: routing.mentionsFor(incident, channelId, 'firing'),
      quietUntil: routing.quietUntil(incident, channelId, at),
    }
  })
  const { title, labels, source, service, environment, cluster, namespace, severity, peakSeverity, openedAt } = incident
  const facts = { title, labels, source, service, environment, cluster, namespace, severity, peakSeverity, openedAt }
  return { incident: facts, channels: told, tree: explained(decision.visit) }
}

function explained({ route, outcome, conditions, routes }: RouteVisit): ExplainedRoute {
  const { path, name, channels, continues } = route
  return { path, name, outcome, channels, continues, conditions, routes: routes.map(explained) }
}
