import * as z from 'zod'

/** RFC 9457. `instance` is the request id, which the log carries too. */
export const Problem = z
  .looseObject({
    type: z.string().meta({
      description: '`urn:nunchi:problem:` and the code of the problem; `docs/errors.md` lists them.',
      examples: ['urn:nunchi:problem:invalid-request'],
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong and what to do, for people.' }),
    instance: z.string().meta({ description: 'The request id.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'The fields that are wrong.' }),
  })
  .meta({ id: 'Problem', description: 'An error answer (RFC 9457).' })

/** The media type of every error answer. */
export const PROBLEM_JSON = 'application/problem+json'
