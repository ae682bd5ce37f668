import * as z from 'zod'
import { parseDuration, parseSize } from './parse-units.ts'
import { Secret } from './secret.ts'

/** What a setting tells people: editors, `docs/configuration.md` and refusals all speak from here. */
export interface SettingFacts {
  /** What it does, one or two sentences. */
  readonly about: string
  /** The variable that says the same and wins over the file. */
  readonly env?: string
  /** How to write it right, one sentence. */
  readonly remedy?: string
  readonly examples?: readonly unknown[]
  /** What stands in when nothing is said, in words, where the schema itself has no default. */
  readonly otherwise?: string
  /** True: never shown, may come from a file. */
  readonly isSecret?: boolean
  /** True: for tests of the product, in no document. */
  readonly isHidden?: boolean
  /** The environment gives text; this is what it is turned into before it is checked. */
  readonly fromText?: 'integer' | 'milliseconds' | 'lowercase'
}

/** The facts of every setting, by its schema. */
export const SETTINGS = z.registry<SettingFacts>()

/** How texts of one form are written, by the schema of the text itself. */
export const REMEDIES = z.registry<{ readonly remedy: string }>()

/** Gives a schema its facts. Answers the schema to use in its stead. */
export function setting<S extends z.ZodType>(schema: S, facts: SettingFacts): S {
  const described = schema.meta({ description: facts.about, ...(facts.examples && { examples: [...facts.examples] }) })
  SETTINGS.add(described, facts)
  return described
}

/** A mistake as a schema of ours reports it, in words for people. */
export interface Objection {
  readonly problem: string
  readonly remedy?: string
}

/** Refuses a value, or what lies at a path within it, in words. `explain-issue.ts` finds them again. */
export function refuse(ctx: z.core.$RefinementCtx<unknown>, objection: Objection, path: PropertyKey[] = []): void {
  ctx.addIssue({ code: 'custom', params: { ...objection }, path })
}

const DURATION_REMEDY = 'Write a number with a unit: `500ms`, `90s`, `10m`, `1h` or `14d`.'
const SIZE_REMEDY = 'Write a number with a unit: `512KiB`, `64MiB` or `10GiB`.'

interface Range {
  readonly atLeast?: string
  readonly atMost?: string
}

/** A duration as text with a unit; milliseconds when read. */
export function durationText(range: Range = {}) {
  return unitText(parseDuration, DURATION_REMEDY, range)
}

/** A size as text with a unit; bytes when read. */
export function sizeText(range: Range = {}) {
  return unitText(parseSize, SIZE_REMEDY, range)
}

function unitText(parse: typeof parseDuration, remedy: string, { atLeast, atMost }: Range) {
  const boundOf = (text: string): number => {
    const bound = parse(text)
    if (!bound.ok) throw new Error(`A bound of a setting ${bound.problem}`)
    return bound.value
  }
  const least = atLeast === undefined ? 0 : boundOf(atLeast)
  const most = atMost === undefined ? Number.POSITIVE_INFINITY : boundOf(atMost)
  const form = z.string()
  REMEDIES.add(form, { remedy })
  return form.transform((text, ctx): number => {
    const parsed = parse(text.trim())
    if (!parsed.ok) refuse(ctx, { problem: parsed.problem, remedy })
    else if (parsed.value < least)
      refuse(ctx, { problem: `is \`${text}\`, which is too little`, remedy: `Write ${atLeast} or more.` })
    else if (parsed.value > most)
      refuse(ctx, { problem: `is \`${text}\`, which is too much`, remedy: `Write ${atMost} or less.` })
    else return parsed.value
    return z.NEVER
  })
}

/** A text that must not be seen. Objections to it must not quote it. */
export function secretText(check?: (value: string) => Objection | null) {
  return z
    .string()
    .min(1)
    .transform((value, ctx): Secret => {
      const objection = check?.(value) ?? null
      if (objection === null) return new Secret(value)
      refuse(ctx, objection)
      return z.NEVER
    })
}
