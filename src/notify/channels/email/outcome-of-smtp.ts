import type { FailureReason, SendOutcome } from '../../channel.ts'
import type { SmtpReply, SmtpResult } from './send-mail.ts'

export type MailFailure = Extract<SendOutcome, { kind: 'retry' | 'rejected' | 'ambiguous' }>

/** A server that says "too many" seldom says for how long. */
const RATE_WAIT_MS = 60_000

/** What a mail that was not taken means for the message. `channelId` names it; no text holds anything the server wrote. */
export function outcomeOfSmtp(failure: Exclude<SmtpResult, { kind: 'taken' }>, channelId: string): MailFailure {
  return failure.kind === 'refused' ? outcomeOfRefusal(failure, channelId) : outcomeOfBreak(failure, channelId)
}

type Refused = Extract<SmtpResult, { kind: 'refused' }>
type Broken = Extract<SmtpResult, { kind: 'broken' }>

function outcomeOfRefusal({ command, reply }: Refused, channelId: string): MailFailure {
  const said = `The mail server of ${channelId} said ${codesOf(reply)} to ${command || 'the mail'}`
  if (reply.code < 500) {
    // 4.7 is policy: grey lists and rates. They pass without anybody's doing, so they use up no patience.
    const isRate = reply.enhanced.startsWith('4.7.')
    const wait = { afterMs: isRate ? RATE_WAIT_MS : null, pause: isRate ? 'account' : 'message' } as const
    return { kind: 'retry', reason: isRate ? 'rate-limited' : 'server-error', detail: said, ...wait }
  }
  const { reason, remedy } = repairOf(command, reply)
  return { kind: 'rejected', reason, detail: `${said}: ${remedy}` }
}

interface Repair {
  readonly reason: FailureReason
  readonly remedy: string
}

function repairOf(command: string, { code, enhanced }: SmtpReply): Repair {
  if (command === 'STARTTLS')
    return { reason: 'bad-answer', remedy: 'it does not encrypt; set `encryption: tls` with its port, usually 465' }
  if (command.startsWith('AUTH') || [530, 534, 535, 538].includes(code) || /^5\.7\.(8|9|11)$/.test(enhanced))
    return { reason: 'bad-credentials', remedy: 'check `user` and `password`; some servers want an app password' }
  if (code === 552 || code === 523 || ['5.2.3', '5.3.4'].includes(enhanced))
    return { reason: 'message-refused', remedy: 'the mail is too large for it, or the mailbox is full' }
  if (enhanced.startsWith('5.7.') || (code === 554 && command !== 'DATA'))
    return {
      reason: 'missing-permission',
      remedy: 'it does not send mail from here to there (relaying); log in with `user`, or let it accept this machine',
    }
  if (command === 'RCPT TO') return { reason: 'no-such-channel', remedy: 'it knows no such recipient; check `to`' }
  if (command === 'MAIL FROM')
    return { reason: 'missing-permission', remedy: 'it takes no mail from this sender; check `from`' }
  if (command === 'DATA') return { reason: 'message-refused', remedy: 'it refuses this mail; its own log says why' }
  return { reason: 'unknown-refusal', remedy: 'it does not speak SMTP as expected; check `host` and `port`' }
}

function outcomeOfBreak({ code, wasWritten }: Broken, channelId: string): MailFailure {
  const why = code === '' ? 'no details' : code
  if (wasWritten)
    return { kind: 'ambiguous', detail: `The mail server of ${channelId} had the mail and did not answer (${why})` }
  if (code === 'EAUTH')
    return {
      kind: 'rejected',
      reason: 'bad-credentials',
      detail: `The mail server of ${channelId} offers no way to log in; leave \`user\` and \`password\` out, or use its port for submission, usually 587`,
    }
  if (code === 'EMESSAGE')
    return {
      kind: 'rejected',
      reason: 'message-refused',
      detail: `The mail is larger than the mail server of ${channelId} takes`,
    }
  const reason = code === 'ETIMEDOUT' || code === 'STOPPED' ? 'timeout' : 'unreachable'
  const detail = `The mail server of ${channelId} cannot be reached (${why})`
  return { kind: 'retry', reason, detail, afterMs: null, pause: 'account' }
}

/** `550 5.1.1`. */
export function codesOf({ code, enhanced }: SmtpReply): string {
  return enhanced === '' ? String(code) : `${code} ${enhanced}`
}
