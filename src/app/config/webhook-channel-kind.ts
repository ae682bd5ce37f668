import { webhookContradiction, webhookSettingsSchema } from '../../notify/channels/webhook/settings-schema.ts'
import { channelSettings } from './channel-settings.ts'
import { TIMEOUT_IN_FILE, timeoutSetting } from './timeout-setting.ts'

/** Another program, told by signed HTTP requests. Its address is a secret, so people are not told it. */
export const webhookChannelKind = {
  kind: 'webhook',
  settings: channelSettings(
    webhookSettingsSchema.omit({ timeoutMs: true }).extend({
      timeout: timeoutSetting('10s', '2m', 'How long the receiver may take to answer.'),
    }),
    { secrets: ['url', 'secret'], secretMaps: ['headers'], contradiction: { in: webhookContradiction, at: 'url' } },
  ),
  labelOf: () => 'outgoing webhook',
  ...TIMEOUT_IN_FILE,
} as const
