import * as z from 'zod'
import { askSchema, objectionOf } from './ask-schema.ts'
import { inTheClear } from './in-the-clear.ts'
import { refuse, secretText, setting } from './setting.ts'

interface InFile {
  /** The settings that must never be seen: texts that may also be kept in a file. */
  readonly secrets: readonly string[]
  /** What is wrong with settings only together, in words (`problem; remedy`); null when nothing is. */
  readonly contradiction?: (settings: never) => string | null
}

/** The settings schema of a channel as the configuration file has it: its id stands beside them, secrets become `Secret`. */
export function channelSettings(schema: z.ZodObject, { secrets, contradiction }: InFile): z.ZodObject {
  const { id: _, ...shape } = schema.shape
  const hidden = secrets.map((name) => [name, secretSetting(shape[name] as z.ZodType)] as const)
  const settings = z.strictObject({ ...shape, ...Object.fromEntries(hidden) })
  if (contradiction === undefined) return settings
  return settings.superRefine((written, ctx) => {
    const message = contradiction(inTheClear(written) as never)
    if (message !== null) refuse(ctx, objectionOf(message))
  })
}

function secretSetting(own: z.ZodType): z.ZodType {
  const text = secretText(askSchema(own))
  const isOptional = own.safeParse(undefined).success
  return setting(isOptional ? text.optional() : text, { about: own.description ?? '', isSecret: true })
}
