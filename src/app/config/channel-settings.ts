import * as z from 'zod'
import { askSchema, objectionOf } from './ask-schema.ts'
import { inTheClear } from './in-the-clear.ts'
import { refuse, secretText, setting } from './setting.ts'

interface InFile {
  /** The settings that must never be seen: texts that may also be kept in a file. */
  readonly secrets: readonly string[]
  /** Maps of such texts, by names that may be seen. */
  readonly secretMaps?: readonly string[]
  readonly contradiction?: {
    /** What is wrong with settings only together, in words (`problem; remedy`); null when nothing is. */
    readonly in: (settings: never) => string | null
    /** The setting that it is told of; otherwise all of them. */
    readonly at?: string
  }
}

/** The settings schema of a channel as the configuration file has it: its id stands beside them, secrets become `Secret`. */
export function channelSettings(schema: z.ZodObject, inFile: InFile): z.ZodObject {
  const { secrets, secretMaps = [], contradiction } = inFile
  const { id: _, ...shape } = schema.shape
  const hidden = [
    ...secrets.map((name) => [name, secretSetting(shape[name] as z.ZodType)] as const),
    ...secretMaps.map((name) => [name, secretMap(shape[name] as z.ZodType)] as const),
  ]
  const settings = z.strictObject({ ...shape, ...Object.fromEntries(hidden) })
  if (contradiction === undefined) return settings
  return settings.superRefine((written, ctx) => {
    const message = contradiction.in(inTheClear(written) as never)
    if (message !== null) refuse(ctx, objectionOf(message), contradiction.at === undefined ? [] : [contradiction.at])
  })
}

function secretSetting(own: z.ZodType): z.ZodType {
  const text = secretText(askSchema(own))
  const isOptional = own.safeParse(undefined).success
  return setting(isOptional ? text.optional() : text, { about: own.description ?? '', isSecret: true })
}

/** The own schema is asked about names and values at once; its messages hold no value. */
function secretMap(own: z.ZodType): z.ZodType {
  const about = own.description ?? ''
  const map = z.record(z.string(), setting(secretText(), { about, isSecret: true })).superRefine((written, ctx) => {
    for (const { message, path } of own.safeParse(inTheClear(written)).error?.issues ?? [])
      refuse(ctx, objectionOf(message), path)
  })
  return setting(map.prefault({}), { about })
}
