import type { ExplainedChannel, ExplainedRoute, RouteExplanation } from '../app/explain-route.ts'
import { mentionText } from '../notify/mention-rules.ts'
import { printable } from './server-client.ts'

const SIGN = { sends: '✓', 'passes-down': '✓', 'no-match': '✗', 'not-asked': '·' } as const

/** An explanation as a person reads it in a terminal: the incident, the tree with every condition answered, who is told. */
export function routeExplanationText({ incident, tree, channels }: RouteExplanation): string {
  const facts = [incident.service, incident.environment, incident.cluster, incident.namespace].filter(
    (fact) => fact !== '',
  )
  const about = [incident.severity, `from ${incident.source}`, ...facts].map(printable).join(' · ')
  const title = incident.title === '' ? 'An incident' : printable(incident.title)
  return [`${title}: ${about}`, '', ...treeLines(tree, ''), '', ...channels.flatMap(channelLines)].join('\n')
}

function treeLines(route: ExplainedRoute, indent: string): readonly string[] {
  const name = nameOf(route)
  const lines = [`${indent}${SIGN[route.outcome]} ${name}${afterName(route)}`]
  for (const { text, holds, found } of route.conditions)
    lines.push(`${indent}    ${holds ? '✓' : '✗'} ${text}${holds ? '' : `, but it is ${printable(found)}`}`)
  return [...lines, ...route.routes.flatMap((below) => treeLines(below, `${indent}  `))]
}

function afterName({ outcome, channels }: ExplainedRoute): string {
  if (outcome === 'sends') return ` → ${channels.join(', ')}`
  return outcome === 'not-asked' ? ' (not asked: a route before it took the incident)' : ''
}

function channelLines({ id, label, because, isMovedHere, mentions, quietUntil }: ExplainedChannel): readonly string[] {
  const place = label === null ? 'not configured any more: nothing is told there' : label
  const why = isMovedHere ? 'a person moved it here' : because.map(nameOf).join(', ')
  return [
    `${id} (${place}), because of ${why}`,
    `  calls ${mentions.length === 0 ? 'nobody' : mentions.map(mentionText).join(' ')}`,
    `  ${quietUntil === null ? 'goes out at once' : `is held back by quiet hours until ${new Date(quietUntil).toISOString()}`}`,
  ]
}

function nameOf({ path, name }: Pick<ExplainedRoute, 'path' | 'name'>): string {
  return path === 'defaultChannel' ? 'the default' : (name ?? path)
}
