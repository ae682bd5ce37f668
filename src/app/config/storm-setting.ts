import * as z from 'zod'
import { durationText, setting } from './setting.ts'

/** When a channel tells many incidents in one message. */
export const STORM = z.strictObject({
  newIncidents: setting(z.int().min(0).max(10_000).prefault(20), {
    about: 'More new incidents than this within `per` are told in one digest that is kept up to date; 0 = never.',
  }),
  per: setting(durationText({ atLeast: '10s', atMost: '1h' }).prefault('1m'), {
    about: 'The time in which new incidents are counted.',
  }),
  quiet: setting(durationText({ atLeast: '10s', atMost: '1d' }).prefault('2m'), {
    about: 'After so much time below that rate incidents are told one by one again.',
  }),
})
