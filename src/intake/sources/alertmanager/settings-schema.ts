import * as z from 'zod'

/** Settings of an Alertmanager source. There are none: its format leaves nothing to choose. */
export const alertmanagerSettingsSchema = z.strictObject({})
