import {
  type EmailSettings,
  emailContradiction,
  emailSettingsSchema,
} from '../../notify/channels/email/settings-schema.ts'
import { channelSettings } from './channel-settings.ts'
import { setting } from './setting.ts'
import { timeZoneText } from './time-zone.ts'
import { TIMEOUT_IN_FILE, timeoutSetting } from './timeout-setting.ts'

const { host, encryption, from, to } = emailSettingsSchema.shape

/** Mails, threaded by References. */
export const emailChannelKind = {
  kind: 'email',
  settings: channelSettings(
    emailSettingsSchema.omit({ timeoutMs: true }).extend({
      host: setting(host, { about: 'The mail server (SMTP).', examples: ['smtp.example.com'] }),
      encryption: setting(encryption, {
        about: 'How it is spoken to; with `starttls` nothing is sent to a server that does not offer it.',
        otherwise: '`tls` for port 465, `none` for a server on this machine, else `starttls`',
      }),
      from: setting(from, { about: 'Who the mail is from.', examples: ['Nunchi <alerts@example.com>'] }),
      to: setting(to, { about: 'Who is told.', examples: [['oncall@example.com']] }),
      timeZone: setting(timeZoneText().prefault('UTC'), {
        about: 'The zone of times in the mail.',
        examples: ['Asia/Seoul'],
      }),
      timeout: timeoutSetting('30s', '5m', 'How long the server may take for one mail.'),
    }),
    { secrets: ['password'], contradiction: { in: emailContradiction } },
  ),
  labelOf: ({ to: [first = '', ...others] }: Pick<EmailSettings, 'to'>) =>
    others.length === 0 ? first : `${first} and ${others.length} more`,
  ...TIMEOUT_IN_FILE,
} as const
