import type { ConfigProblem } from './config-shape.ts'

/** Problems as a person reads them in a terminal: one sentence each, and below it what to do. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const told = problems.map(({ path, problem, remedy }) => `  ${path} ${problem}\n    → ${remedy}`)
  return `The configuration has ${count}:\n\n${told.join('\n\n')}\n`
}
