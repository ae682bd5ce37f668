import * as z from 'zod'
import { type Objection, refuse } from './setting.ts'

/** What the schema of another room objects to a text. Its messages are `problem; remedy` and hold no secret. */
export function askSchema(schema: z.ZodType): (value: string) => Objection | null {
  return (value) => {
    const message = schema.safeParse(value).error?.issues[0]?.message
    return message === undefined ? null : objectionOf(message)
  }
}

/** `problem; remedy` as an objection. */
export function objectionOf(message: string): Objection {
  const [problem, remedy] = message.split('; ', 2) as [string, string | undefined]
  return { problem, ...(remedy !== undefined && { remedy: sentence(remedy) }) }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** A text that the schema of another room checks, refused in its words. */
export function checkedText(schema: z.ZodType) {
  return z.string().superRefine((value, ctx) => {
    const objection = askSchema(schema)(value)
    if (objection) refuse(ctx, objection)
  })
}
