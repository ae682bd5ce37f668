import type { ConfigProblem } from './config-shape.ts'
import type { Path } from './schema-paths.ts'
import type { TogetherContext } from './together-context.ts'

/** A problem of one setting, named as whoever said it named it, with the place where they did. */
export function problemAt(
  { nameOf, placeOf }: TogetherContext,
  path: Path,
  { problem, remedy }: { readonly problem: string; readonly remedy: string },
): ConfigProblem {
  return { path: nameOf(path), problem: problem + placeOf(path, 'value'), remedy }
}

/** The problem of a section `tls` that names a certificate without its key, or a key without its certificate. */
export function halfCertificate(
  context: TogetherContext,
  section: string,
  { cert, key }: { readonly cert?: unknown; readonly key?: unknown },
): readonly ConfigProblem[] {
  if ((cert === undefined) === (key === undefined)) return []
  const [there, missing] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const)
  const problem = `is missing: ${context.nameOf([section, 'tls', there])} is set, and each is of no use without the other`
  return [problemAt(context, [section, 'tls', missing], { problem, remedy: 'Name the other file as well.' })]
}
