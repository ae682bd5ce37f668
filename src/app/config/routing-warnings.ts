import { OWN_SOURCE } from '../../intake/dead-man/own-source.ts'
import type { Config } from './config-shape.ts'
import type { ParsedRoute } from './route-section.ts'

/** What is allowed about channels and routes, but probably not meant. */
export function routingWarnings(config: Config): readonly string[] {
  return [...untoldChannels(config), ...severityLabels(config.routes), ...unknownSources(config)]
}

function untoldChannels({ channels, routes, defaultChannel }: Config): readonly string[] {
  const told = new Set([defaultChannel, ...everyRoute(routes).flatMap((route) => route.channels ?? [])])
  return channels
    .filter(({ id }) => !told.has(id))
    .map(
      ({ id }) =>
        `The channel ${id} is told nothing: no route leads to it, and the default channel is ${defaultChannel}. Name it in \`routes\`, or as \`defaultChannel\`.`,
    )
}

function severityLabels(routes: readonly ParsedRoute[]): readonly string[] {
  const isOfSeverity = (text: string) => /^\s*"?severity"?\s*[=!]/.test(text)
  return everyRoute(routes).some(({ match }) => match.labels.some(isOfSeverity))
    ? [
        'A route matches the label `severity`, which is the word of the sender when the incident was opened. `match.severity` also hears of incidents that become worse.',
      ]
    : []
}

function unknownSources({ routes, sources }: Config): readonly string[] {
  const known = new Set([OWN_SOURCE, ...sources.map(({ name }) => name)])
  const named = new Set(everyRoute(routes).flatMap(({ match }) => match.source ?? []))
  return [...named]
    .filter((name) => !known.has(name))
    .map((name) => `A route matches the source ${JSON.stringify(name)}, but no source of that name is configured.`)
}

/** Routes, with those below them. */
export function everyRoute(routes: readonly ParsedRoute[]): readonly ParsedRoute[] {
  return routes.flatMap((route) => [route, ...everyRoute(route.routes)])
}
