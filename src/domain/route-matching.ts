import type { Incident } from './incident.ts'

/** What routing reads of an incident. Nothing in it changes back, so that the answer stays the same for its whole life. */
export type RoutedIncident = Pick<
  Incident,
  | 'labels'
  | 'tenantId'
  | 'source'
  | 'service'
  | 'environment'
  | 'cluster'
  | 'namespace'
  | 'peakSeverity'
  | 'openedAt'
  | 'movedTo'
>

/** The parts of an incident that a condition can name as if they were labels. */
export const ROUTE_FIELDS = ['service', 'cluster', 'namespace', 'environment', 'source', 'tenant'] as const
export type RouteField = (typeof ROUTE_FIELDS)[number]

/** The value of a field of an incident; empty when it has none. */
export function fieldOf(incident: RoutedIncident, field: RouteField): string {
  return field === 'tenant' ? incident.tenantId : incident[field]
}

/** The value that a condition on a label reads: the label, otherwise the field of that name. Absent reads as empty. */
export function labelOf(incident: RoutedIncident, name: string): string {
  if (Object.hasOwn(incident.labels, name)) return incident.labels[name] as string
  const field = ROUTE_FIELDS.find((candidate) => candidate === name)
  return field === undefined ? '' : fieldOf(incident, field)
}

/** One condition of a route, compiled. */
export interface RouteCondition {
  /** As it is written, for people: `team="payments"`. */
  readonly text: string
  readonly holds: (incident: RoutedIncident) => boolean
  /** What the incident has there, for people. */
  readonly found: (incident: RoutedIncident) => string
}

/** A node of the tree. `T` is what else its owner keeps with it. */
export interface Route<T = unknown> {
  /** Where it stands in the configuration: `routes[0].routes[1]`. */
  readonly path: string
  readonly name: string | null
  /** All of them must hold; none = everything matches. */
  readonly conditions: readonly RouteCondition[]
  /** Where its incidents are told, those that it has from its parent included. */
  readonly channels: readonly string[]
  /** Its siblings are asked as well after it matched. */
  readonly continues: boolean
  readonly routes: readonly Route<T>[]
  readonly extra: T
}

/** What became of a route. */
export type RouteOutcome =
  /** It sends to its channels. */
  | 'sends'
  /** It matched, and routes below it send. */
  | 'passes-down'
  | 'no-match'
  /** An earlier sibling took the incident. */
  | 'not-asked'

/** One condition as it was answered. */
export interface AnsweredCondition {
  readonly text: string
  readonly holds: boolean
  readonly found: string
}

/** A route with what became of it, and of those below it. */
export interface RouteVisit<T = unknown> {
  readonly route: Route<T>
  readonly outcome: RouteOutcome
  /** Empty where it was not asked. */
  readonly conditions: readonly AnsweredCondition[]
  /** Empty where it did not match. */
  readonly routes: readonly RouteVisit<T>[]
}

/** A channel that hears of an incident, and the routes that sent it there; none: a person moved it. */
export interface RoutedChannel<T = unknown> {
  readonly channelId: string
  readonly routes: readonly Route<T>[]
}

export interface RoutingDecision<T = unknown> {
  /** In the order of the tree, each once. */
  readonly channels: readonly RoutedChannel<T>[]
  readonly visit: RouteVisit<T>
}

/**
 * Decides who hears of an incident. As in Alertmanager's tree, the first child that matches takes it and the deepest
 * match sends; `continues` asks the siblings as well. A channel that a person moved it to comes last.
 */
export function routeIncident<T>(root: Route<T>, incident: RoutedIncident): RoutingDecision<T> {
  const visit = visitRoute(root, incident)
  const senders = new Map<string, Route<T>[]>()
  collectSenders(visit, senders)
  if (incident.movedTo !== null && !senders.has(incident.movedTo)) senders.set(incident.movedTo, [])
  return { channels: [...senders].map(([channelId, routes]) => ({ channelId, routes })), visit }
}

function visitRoute<T>(route: Route<T>, incident: RoutedIncident): RouteVisit<T> {
  const conditions = route.conditions.map(({ text, holds, found }) => ({
    text,
    holds: holds(incident),
    found: found(incident),
  }))
  if (conditions.some(({ holds }) => !holds)) return { route, outcome: 'no-match', conditions, routes: [] }
  const routes: RouteVisit<T>[] = []
  let isTaken = false
  for (const child of route.routes) {
    const visit = isTaken ? notAsked(child) : visitRoute(child, incident)
    if (visit.outcome === 'sends' || visit.outcome === 'passes-down') isTaken = !child.continues
    routes.push(visit)
  }
  const isSentBelow = routes.some(({ outcome }) => outcome === 'sends' || outcome === 'passes-down')
  return { route, outcome: isSentBelow ? 'passes-down' : 'sends', conditions, routes }
}

function notAsked<T>(route: Route<T>): RouteVisit<T> {
  return { route, outcome: 'not-asked', conditions: [], routes: [] }
}

function collectSenders<T>({ route, outcome, routes }: RouteVisit<T>, senders: Map<string, Route<T>[]>): void {
  if (outcome === 'sends')
    for (const channelId of route.channels) senders.set(channelId, [...(senders.get(channelId) ?? []), route])
  for (const below of routes) collectSenders(below, senders)
}
