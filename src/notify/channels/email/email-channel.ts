import { incidentName } from '../../../domain/incident.ts'
import type { Channel, IncidentMessage, SendOutcome } from '../../channel.ts'
import { zonedClock } from '../zoned-clock.ts'
import { type MailContent, type MailStyle, mailContent } from './mail-content.ts'
import { encryptionOf } from './mail-encryption.ts'
import { domainOf, type Mailbox, readMailbox } from './mailbox.ts'
import { codesOf, outcomeOfSmtp } from './outcome-of-smtp.ts'
import { mailHtml, mailText } from './render-mail.ts'
import { type MailServer, type SmtpResult, sendMail } from './send-mail.ts'
import type { EmailSettings } from './settings-schema.ts'

export interface EmailDeps {
  readonly ca?: string
}

/**
 * E-mail by SMTP. The root and each reply are mails of their own, tied together by References. A mail cannot be changed
 * or looked up; its Message-ID comes from the delivery id, so that readers fold a mail that was sent twice under one id.
 */
export function createEmailChannel(settings: EmailSettings, deps: EmailDeps = {}): Channel {
  const { language, subjectPrefix, timeZone } = settings
  const sender: Sender = { settings, deps, style: { language, subjectPrefix, clock: zonedClock(timeZone) } }
  return {
    id: settings.id,
    kind: 'email',
    hasThreads: true,
    pace: { perSecond: settings.messagesPerMinute / 60, burst: settings.burst },
    send: async (message, signal) => await send(sender, message, signal),
  }
}

interface Sender {
  readonly settings: EmailSettings
  readonly deps: EmailDeps
  readonly style: MailStyle
}

async function send(
  { settings, deps, style }: Sender,
  message: IncidentMessage,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const from = mailboxOf(settings.from)
  const to = settings.to.map(mailboxOf)
  const messageId = `${message.deliveryId}@${domainOf(from.address)}`
  const mail = await composeMail(mailContent(message, style), { from, to, messageId }, message)
  const envelope = { from: from.address, to: to.map(({ address }) => address) }
  const result = await sendMail(serverOf(settings, deps), envelope, mail, signal)
  if (result.kind !== 'taken') return outcomeOfSmtp(result, settings.id)
  const remark = remarkOn(result, settings.id)
  return {
    kind: 'delivered',
    id: messageId,
    threadId: message.thread?.id ?? null,
    place: null,
    ...(remark !== null && { remark }),
  }
}

interface Addressed {
  readonly from: Mailbox
  readonly to: readonly Mailbox[]
  readonly messageId: string
}

async function composeMail(
  content: MailContent,
  { from, to, messageId }: Addressed,
  message: IncidentMessage,
): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer')
  const root = rootOf(message)
  return await new MailComposer({
    from: { ...from },
    to: to.map((recipient) => ({ ...recipient })),
    subject: content.subject,
    date: new Date(message.now),
    messageId: `<${messageId}>`,
    ...(root !== null && { inReplyTo: root, references: root }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      // What Exchange calls the same.
      'X-Auto-Response-Suppress': 'All',
      'X-Nunchi-Incident': incidentName(message.incident),
    },
    text: mailText(content),
    html: mailHtml(content),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'win',
  })
    .compile()
    .build()
}

/** The Message-ID of the root, or null: a thread that was carried over from another channel has an id of another kind. */
function rootOf({ thread }: IncidentMessage): string | null {
  return thread !== null && /^[^\s<>@]+@[^\s<>@]+$/.test(thread.id) ? `<${thread.id}>` : null
}

/** Whom the server would not deliver to, although it took the mail for the others. */
function remarkOn({ refused }: Extract<SmtpResult, { kind: 'taken' }>, channelId: string): string | null {
  if (refused.length === 0) return null
  const named = refused.map(({ address, reply }) => `${address} (${codesOf(reply)})`).join(', ')
  return `The mail server of ${channelId} takes no mail for ${named}; check \`to\``
}

function serverOf(settings: EmailSettings, deps: EmailDeps): MailServer {
  const { host, port, user, password, timeoutMs } = settings
  return {
    host,
    port,
    encryption: encryptionOf(settings),
    login: user === undefined || password === undefined ? null : { user, password },
    timeoutMs,
    ...(deps.ca !== undefined && { ca: deps.ca }),
  }
}

function mailboxOf(text: string): Mailbox {
  const mailbox = readMailbox(text)
  if (mailbox === null) throw new Error('The settings of an e-mail channel hold an address that their schema refuses')
  return mailbox
}
