import * as z from 'zod'
import { SEVERITIES, type Severity } from '../../domain/severity.ts'
import { parseMention } from '../../notify/channels/slack/parse-mention.ts'
import { refuse } from './setting.ts'

/** Who is called, by severity, as it is written. */
export type MentionTexts = Readonly<Partial<Record<Severity, readonly string[]>>>

const MENTION = z.string().superRefine((text, ctx) => {
  const parsed = parseMention(text)
  if (!parsed.ok)
    refuse(ctx, { problem: `is \`${text.slice(0, 60)}\`, which ${parsed.problem}`, remedy: parsed.remedy })
})

/** Who may be called, by severity. */
export const MENTIONS = z.partialRecord(z.enum(SEVERITIES), z.array(MENTION).max(20))
