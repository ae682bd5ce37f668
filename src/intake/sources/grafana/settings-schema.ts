import * as z from 'zod'

/** Settings of a Grafana source. There are none: its two formats tell themselves apart. */
export const grafanaSettingsSchema = z.strictObject({})
