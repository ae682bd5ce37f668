import { compileLabelMatcher, parseLabelMatcher } from '../notify/label-matcher.ts'

/** Whether labels fit all of several matchers, which the configuration has checked. */
export function labelsMatcher(texts: readonly string[]): (labels: Readonly<Record<string, string>>) => boolean {
  const tests = texts.map((text) => {
    const parsed = parseLabelMatcher(text)
    if (!parsed.ok) throw new Error(`${text} ${parsed.problem}`)
    const fits = compileLabelMatcher(parsed.matcher)
    return (labels: Readonly<Record<string, string>>) => fits(labels[parsed.matcher.name] ?? '')
  })
  return (labels) => tests.every((test) => test(labels))
}
