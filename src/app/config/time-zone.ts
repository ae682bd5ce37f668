import * as z from 'zod'
import { didYouMean } from './did-you-mean.ts'
import { refuse } from './setting.ts'

/** The name of a time zone, as the tz database has it. */
export function timeZoneText() {
  return z.string().superRefine((name, ctx) => {
    if (isTimeZone(name)) return
    const near = didYouMean(name, ['UTC', ...Intl.supportedValuesOf('timeZone')])
    const hint = near === null ? '' : `Did you mean \`${near}\`? `
    refuse(ctx, {
      problem: `is \`${name.slice(0, 60)}\`, which is no time zone`,
      remedy: `${hint}Write a name such as \`Europe/Berlin\`, \`Asia/Seoul\` or \`UTC\`.`,
    })
  })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    // That is how Intl says no.
    return false
  }
}
