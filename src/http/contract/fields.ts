import * as z from 'zod'

const DEFAULT_LIMIT = 50
const MOST_ITEMS = 200
const MOST_VALUES = 50

/** An instant in an answer. */
export const Instant = z.string().meta({
  format: 'date-time',
  description: 'ISO 8601 in UTC with milliseconds.',
  examples: ['2026-01-05T12:00:00.000Z'],
})

/** Text that a person or a program wrote, safe to store everywhere: no lone surrogates, no NUL. */
export function writtenText(longest: number) {
  return z.string().max(longest).transform(storable)
}

/** The same, and there must be something in it. */
export function requiredText(longest: number) {
  return z.string().min(1).max(longest).transform(storable).pipe(z.string().min(1, 'must not be blank'))
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd').trim()
}

/** Text in a query that is compared with stored text. NUL is in no stored text, and some databases refuse to look for it. */
export function searchedText(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((text) => !text.includes('\u0000'), 'must not contain NUL')
}

/** An id in a path. Anything that was never given out is simply not found. */
export const IdInPath = searchedText(100)

/** The page size of a list. */
export const Limit = z
  .preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int().min(1).max(MOST_ITEMS),
  )
  .default(DEFAULT_LIMIT)
  .meta({ description: `How many items, 1 to ${MOST_ITEMS}.` })

/** Where a page begins. */
export const Cursor = z
  .string()
  .max(1000)
  .regex(/^[A-Za-z0-9_-]*$/, 'must be the nextCursor of an answer')
  .optional()
  .meta({ description: 'The `nextCursor` of the page before; leave it away for the first page.' })

/** The two fields of every list. */
export const PAGE_FIELDS = { limit: Limit, cursor: Cursor }

/** A page of a list. */
export function pageOf<S extends z.ZodType>(item: S, id: string) {
  const nextCursor = z.string().nullable().meta({
    description:
      'Where the next page begins; null at the end. A page may hold fewer items than asked, even none, and still have one: the work of a page is bounded.',
  })
  return z.object({ items: z.array(item), nextCursor }).meta({ id })
}

/** A filter that may be repeated; `!` in front of a value excludes it. */
export function choiceOf(values?: readonly string[]) {
  const item = values ? z.enum(values.flatMap((value) => [value, `!${value}`])) : searchedText(250)
  return z
    .preprocess(
      (value) => (value === undefined || Array.isArray(value) ? value : [value]),
      z.array(item).max(MOST_VALUES),
    )
    .optional()
    .meta({
      description: 'May be repeated: any of the values. `!` in front excludes one.',
    })
}

/** Splits `['db', '!web']` into what must and what must not be. */
export function readChoice<V extends string>(
  values: readonly string[] | undefined,
): { readonly is: readonly V[]; readonly isNot: readonly V[] } | undefined {
  if (values === undefined) return undefined
  const isNot = values.filter((value) => value.startsWith('!')).map((value) => value.slice(1) as V)
  return { is: values.filter((value) => !value.startsWith('!')) as V[], isNot }
}

/** An instant in a query: ISO 8601 with a zone, or milliseconds since 1970. Becomes milliseconds. */
export const InstantInQuery = z
  .string()
  .max(40)
  .transform((text, context) => {
    const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : ISO_WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isSafeInteger(ms)) return ms
    context.issues.push({
      code: 'custom',
      message: 'must be an instant such as 2026-01-05T12:00:00Z, or milliseconds since 1970',
      input: text,
    })
    return z.NEVER
  })
  .optional()

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/i
