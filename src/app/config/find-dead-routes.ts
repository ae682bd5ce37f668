import { conditionsOf } from '../../notify/compile-routes.ts'
import { compileLabelMatcher, labelMatcherText } from '../../notify/label-matcher.ts'
import type { RouteMatch, RouteSpec } from '../../notify/route-spec.ts'
import type { ConfigProblem } from './config-shape.ts'

/** Routes that no incident can ever take: conditions that exclude each other, and those behind a sibling that takes everything. */
export function findDeadRoutes(root: RouteSpec): readonly ConfigProblem[] {
  return deadBelow(root, [])
}

function deadBelow(parent: RouteSpec, above: readonly RouteMatch[]): readonly ConfigProblem[] {
  return parent.routes.flatMap((route, index) => {
    const matches = [...above, route.match]
    const contradiction = contradictionIn(matches)
    if (contradiction !== null) {
      const problem = `can never match: ${contradiction}`
      return [{ path: route.path, problem, remedy: 'Take one of the conditions away, here or in the routes above it.' }]
    }
    const taker = parent.routes.slice(0, index).find((earlier) => !earlier.continues && takesAllOf(earlier, route))
    if (taker !== undefined) {
      const problem = `is never asked: ${taker.path} takes everything that it could match`
      return [{ path: route.path, problem, remedy: `Put it before ${taker.path}, or give that \`continue: true\`.` }]
    }
    return deadBelow(route, matches)
  })
}

/** Every condition of the earlier one is also one of the later. */
function takesAllOf(earlier: RouteSpec, later: RouteSpec): boolean {
  const texts = new Set(conditionsOf(later.match).map(({ text }) => text))
  return conditionsOf(earlier.match).every(({ text }) => texts.has(text))
}

function contradictionIn(matches: readonly RouteMatch[]): string | null {
  return severityContradiction(matches) ?? labelContradiction(matches) ?? fieldContradiction(matches)
}

function severityContradiction(matches: readonly RouteMatch[]): string | null {
  const choices = matches.flatMap(({ severity }) => severity ?? [])
  const [first, ...others] = choices
  const isPossible = first === undefined || first.among.some((one) => others.every(({ among }) => among.includes(one)))
  return isPossible ? null : `no severity is ${choices.map(({ text }) => `\`${text}\``).join(' and ')}`
}

/** A label that must be one text is held against everything else that is said of it. */
function labelContradiction(matches: readonly RouteMatch[]): string | null {
  const matchers = matches.flatMap(({ labels }) => labels)
  for (const exact of matchers) {
    if (exact.operator !== '=') continue
    const other = matchers.find((matcher) => matcher.name === exact.name && !compileLabelMatcher(matcher)(exact.value))
    if (other !== undefined) return `\`${labelMatcherText(exact)}\` excludes \`${labelMatcherText(other)}\``
  }
  return null
}

function fieldContradiction(matches: readonly RouteMatch[]): string | null {
  const fields = matches.flatMap(({ fields: ofMatch }) => ofMatch)
  for (const { field, among } of fields) {
    const ofField = fields.filter((other) => other.field === field)
    if (!among.some((value) => ofField.every((other) => other.among.includes(value))))
      return `no ${field} is in all of ${ofField.map((other) => `[${other.among.join(', ')}]`).join(' and ')}`
  }
  return null
}
