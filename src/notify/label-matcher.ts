import { RE2JS } from 're2js'

const OPERATORS = ['=', '!=', '=~', '!~'] as const

/** A condition on one label in Alertmanager's notation. Plain data. */
export interface LabelMatcher {
  readonly name: string
  readonly operator: (typeof OPERATORS)[number]
  readonly value: string
}

export type ParsedMatcher =
  | { readonly ok: true; readonly matcher: LabelMatcher }
  | { readonly ok: false; readonly problem: string; readonly remedy: string }

const FORM =
  /^\s*(?:"(?<quotedName>(?:[^"\\]|\\.)*)"|(?<name>[^\s"=!~{},]+))\s*(?<operator>=~|!~|!=|=)\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"{},=!~]*))\s*$/u

/** Reads one matcher: `team="payments"`, `tier!=dev`, `cluster=~"eu-.*"`, `cluster!~"test|dev"`. */
export function parseLabelMatcher(text: string): ParsedMatcher {
  const found = FORM.exec(text)?.groups
  if (found === undefined)
    return {
      ok: false,
      problem: 'is no matcher',
      remedy: 'Write a label, one of = != =~ !~, and a value in quotes, such as `team="payments"`.',
    }
  const matcher: LabelMatcher = {
    name: found['quotedName'] === undefined ? (found['name'] ?? '') : unescaped(found['quotedName']),
    operator: found['operator'] as LabelMatcher['operator'],
    value: found['quoted'] === undefined ? (found['bare'] ?? '') : unescaped(found['quoted']),
  }
  const fault = isRegex(matcher) ? faultOfRegex(matcher.value) : null
  if (fault === null) return { ok: true, matcher }
  return {
    ok: false,
    problem: `has an expression that cannot be read: ${fault}`,
    remedy: 'Write a regular expression of RE2, as for Alertmanager: it has no look-around and no back-references.',
  }
}

function unescaped(text: string): string {
  // Only these are escapes, so that `\d` and `\.` of an expression stay as they are written.
  return text.replaceAll(/\\(["\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character))
}

function isRegex({ operator }: LabelMatcher): boolean {
  return operator === '=~' || operator === '!~'
}

function faultOfRegex(expression: string): string | null {
  try {
    RE2JS.compile(expression)
    return null
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).slice(0, 120)
  }
}

/** As Alertmanager writes it. */
export function labelMatcherText({ name, operator, value }: LabelMatcher): string {
  return `${name}${operator}${JSON.stringify(value)}`
}

/** Whether a value fits. Expressions must fit the whole value, and take time linear in its length. Throws for an expression that `parseLabelMatcher` refuses. */
export function compileLabelMatcher(matcher: LabelMatcher): (value: string) => boolean {
  const { operator, value: wanted } = matcher
  if (operator === '=') return (value) => value === wanted
  if (operator === '!=') return (value) => value !== wanted
  const expression = RE2JS.compile(wanted, RE2JS.DOTALL)
  const isWanted = operator === '=~'
  return (value) => expression.matches(value) === isWanted
}
