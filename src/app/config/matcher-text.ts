import * as z from 'zod'
import { parseLabelMatcher } from '../../notify/label-matcher.ts'
import { refuse } from './setting.ts'

/** A condition on one label in Alertmanager's notation. */
export function matcherText() {
  return z.string().superRefine((text, ctx) => {
    const parsed = parseLabelMatcher(text)
    const shown = text.replaceAll(/[\p{C}`]/gu, '?').slice(0, 80)
    if (!parsed.ok) refuse(ctx, { problem: `is \`${shown}\`, which ${parsed.problem}`, remedy: parsed.remedy })
  })
}
