import { isIPv6 } from 'node:net'
import * as z from 'zod'
import { isTimeZone } from '../zoned-clock.ts'
import { encryptionOf, isThisMachine } from './mail-encryption.ts'
import { readMailbox } from './mailbox.ts'

const mailbox = z
  .string()
  .max(320)
  .refine(
    (text) => readMailbox(text) !== null,
    'must be a mail address; write one such as alerts@example.com, or Name <address>',
  )

const oneLine = /^\P{Cc}*$/u

/**
 * The settings of an e-mail channel. Every problem says what to put instead; none repeats the password. What is wrong
 * only together: `emailContradiction`.
 */
export const emailSettingsSchema = z.strictObject({
  id: z.string().min(1).default('email').describe('The name of the channel in the configuration.'),
  host: z
    .string()
    .max(253)
    .refine(isHost, 'must be a mail server; write its name or address, without a port')
    .describe('The mail server (SMTP).'),
  port: z
    .int('must be a whole number')
    .min(1)
    .max(65_535)
    .default(587)
    .describe('587 for STARTTLS, 465 for TLS from the first byte, 25 between servers.'),
  encryption: z
    .enum(['tls', 'starttls', 'none'])
    .optional()
    .describe(
      'Left out: `tls` for port 465, `none` for a server on this machine, else `starttls`, without which nothing is sent.',
    ),
  user: z.string().min(1).max(320).optional().describe('Who logs in to the server.'),
  password: z.string().min(1).max(4000).optional().describe('The password of `user`, or an app password.'),
  from: mailbox.describe('Who the mail is from, such as `Nunchi <alerts@example.com>`.'),
  to: z.array(mailbox).min(1, 'must name at least one recipient').max(50).describe('Who is told.'),
  subjectPrefix: z
    .string()
    .trim()
    .max(60)
    .regex(oneLine, 'must be one line')
    .default('')
    .describe('Stands before every subject.'),
  language: z.enum(['en', 'ko']).default('en').describe('The language of the mail.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be the name of a time zone such as UTC or Asia/Seoul')
    .default('UTC')
    .describe('The time zone of the times in the mail.'),
  timeoutMs: z
    .int('must be a whole number of milliseconds')
    .min(500, 'must be at least 500 ms')
    .max(300_000)
    .default(30_000)
    .describe('How long the server may take for one mail.'),
  messagesPerMinute: z
    .number()
    .positive('must be more than 0')
    .max(60_000)
    .default(30)
    .describe('Mails a minute in the long run.'),
  burst: z.int('must be a whole number').min(1).max(1_000).default(10).describe('Mails at once after a quiet time.'),
})

export type EmailSettings = z.infer<typeof emailSettingsSchema>

/** What is wrong with the settings together, in words with the remedy; null when nothing is. */
export function emailContradiction(settings: EmailSettings): string | null {
  const { host, user, password } = settings
  if ((user === undefined) !== (password === undefined))
    return 'needs both `user` and `password`; set both, or neither for a server that asks for none'
  if (password !== undefined && encryptionOf(settings) === 'none' && !isThisMachine(host))
    return 'would send the password unencrypted; use `encryption: starttls` or `encryption: tls`'
  return null
}

function isHost(text: string): boolean {
  return isIPv6(text) || /^[a-z0-9._-]+$/i.test(text)
}
